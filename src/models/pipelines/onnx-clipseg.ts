/**
 * CLIPSeg from `onnx/model.onnx`, as repositories for transformers.js have it: one network from a picture and texts to
 * logits of every pixel. Pictures cannot be asked with.
 */
import { reshape } from '../../native/arrange.ts';
import { clipTextPositions, towerConfig } from '../families/clip.ts';
import { TEXT_INPUTS, textFeeds } from '../onnx/text-encoder.ts';
import { encodeTexts } from './encode-texts.ts';
import type { LoadedFamily, OnnxSources } from './family.ts';
import { labelMasks, limitOf, THRESHOLD } from './label-masks.ts';
import { promptsOf } from './label-prompts.ts';

/** Rejects with `model/missing-file`, `model/unsupported` for a network of another form. */
export async function loadOnnxClipseg(sources: OnnxSources): Promise<LoadedFamily> {
  const { checkpoint, networks } = sources;
  const [network] = await networks.open('model');
  network.expectInputs(['pixel_values', ...TEXT_INPUTS]);
  const output = network.expectOutput('logits').name;
  const ownPositions = clipTextPositions(towerConfig(checkpoint.config, 'text'));
  const positions = Math.min(ownPositions, network.fixedSize('input_ids', 1) ?? ownPositions);
  const name = checkpoint.model;
  const [processor, tokenizer] = [await sources.imageProcessor(), await sources.tokenizer()];
  return {
    tasks: {
      async 'zero-shot-image-segmentation'({ image, labels, threshold = THRESHOLD }, { signal } = {}) {
        const limit = limitOf(name, threshold);
        const tokens = encodeTexts(tokenizer, promptsOf(name, labels), { positions, masked: true });
        // The network takes pairs: as many pictures as texts.
        const { pixelValues, shape } = await processor.processBatch(Array(labels.length).fill(image), { signal });
        const pixels = { dtype: 'float32' as const, shape, data: pixelValues };
        using logits = await network.compute(output, { ...textFeeds(tokens), pixel_values: pixels }, { signal });
        // Some files leave out the axis of a single label.
        using planes = reshape(logits, [labels.length, ...logits.shape.slice(-2)]);
        return await labelMasks({ name, processor }, planes, { image, labels, limit, signal });
      },
    },
    bytes: network.bytes,
    release: () => network.release(),
  };
}
