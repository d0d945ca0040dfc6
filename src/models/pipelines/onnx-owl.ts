/**
 * OWL-ViT and OWLv2 from `onnx/model.onnx`, as repositories for transformers.js have them: one network from a picture and
 * texts to logits and boxes. It does not tell what it saw, so pictures cannot be asked with.
 */
import { towerConfig } from '../families/clip.ts';
import { owlTextPositions } from '../families/owl.ts';
import { detections } from '../families/owl-boxes.ts';
import { TEXT_INPUTS, textFeeds } from '../onnx/text-encoder.ts';
import { encodeTexts } from './encode-texts.ts';
import type { LoadedFamily, OnnxSources } from './family.ts';
import { boxesOf, type DetectorProcessing, TEXT_THRESHOLD } from './found-boxes.ts';
import { promptsOf } from './label-prompts.ts';

const [LOGITS, BOXES] = ['logits', 'pred_boxes'];

/** Rejects with `model/missing-file`, `model/unsupported` for a network of another form. */
export async function loadOnnxOwl(sources: OnnxSources): Promise<LoadedFamily> {
  const { checkpoint, networks } = sources;
  const [network] = await networks.open('model');
  network.expectInputs(['pixel_values', ...TEXT_INPUTS]);
  for (const output of [LOGITS, BOXES]) network.expectOutput(output);
  const ownPositions = owlTextPositions(towerConfig(checkpoint.config, 'text'));
  const fixed = network.fixedSize('input_ids', 1);
  const form = fixed === undefined ? { positions: ownPositions } : { positions: fixed, fill: 'positions' as const };
  const processing: DetectorProcessing = {
    name: checkpoint.model,
    processor: await sources.imageProcessor(),
    tokenizer: await sources.tokenizer(),
  };
  const { name, processor, tokenizer } = processing;
  return {
    tasks: {
      async 'zero-shot-object-detection'({ image, labels, threshold = TEXT_THRESHOLD }, { signal } = {}) {
        const tokens = encodeTexts(tokenizer, promptsOf(name, labels), { ...form, masked: true });
        const { pixelValues, shape } = await processor.processBatch([image], { signal });
        const pixels = { dtype: 'float32' as const, shape, data: pixelValues };
        const feeds = { ...textFeeds(tokens), pixel_values: pixels };
        const results = await network.run(feeds, { outputs: [LOGITS, BOXES], signal });
        const [logits, boxes] = [results[LOGITS]!.data as Float32Array, results[BOXES]!.data as Float32Array];
        const found = detections(logits, boxes, { threshold, scale: [1, 1] });
        return boxesOf(processing, image, found, (query) => labels[query]!);
      },
    },
    bytes: network.bytes,
    release: () => network.release(),
  };
}
