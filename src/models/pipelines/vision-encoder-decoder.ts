/** VisionEncoderDecoder, TrOCR among them, as a family with a task: what stands in a picture, or what it shows. */
import { WeftError } from '../../errors.ts';
import { readDecoding } from '../decoding/checkpoint-decoding.ts';
import { readStartedGeneration } from '../decoding/generation-config.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { writeText } from '../decoding/writer.ts';
import { PictureWriter } from '../families/picture-writer.ts';
import { visionEncoderDecoder } from '../families/vision-encoder-decoder.ts';
import type { FamilyDefinition, LoadedFamily, TaskSources } from './family.ts';
import { openOnnxWriter, type SeeingWriter } from './onnx-writer.ts';
import { imageFeatures } from './tower-features.ts';

const ARCHITECTURES = { VisionEncoderDecoderModel: ['image-to-text'] } as const;

export const visionEncoderDecoderFamily: FamilyDefinition = {
  name: 'vision-encoder-decoder',
  title: 'VisionEncoderDecoder (TrOCR)',
  paper: {
    title: 'TrOCR: Transformer-based Optical Character Recognition with Pre-trained Models (2021)',
    url: 'https://arxiv.org/abs/2109.10282',
  },
  modelTypes: ['vision-encoder-decoder'],
  architectures: ARCHITECTURES,
  checkpoints: [
    'microsoft/trocr-base-handwritten',
    'microsoft/trocr-base-printed',
    'nlpconnect/vit-gpt2-image-captioning',
  ],
  graph: 'trocr-image-to-text',
  load: (sources) =>
    loadWriter(sources, async () => {
      const { checkpoint, precision, signal } = sources;
      const writer = await PictureWriter.build(await visionEncoderDecoder(checkpoint, 'last'), { precision, signal });
      return {
        positions: writer.decoder.positions,
        bytes: writer.bytes,
        async write(pictures, { signal }, use) {
          const { hidden } = await writer.see(pictures, { signal });
          using seen = hidden!;
          using rows = await writer.memory(seen, { signal });
          return await use(languageSteps(writer.decoder, { batch: 1, memory: [{ rows }] }));
        },
        features: (processor) => imageFeatures(writer.encoder, processor),
        release: () => writer.release(),
      };
    }),
  onnx: {
    architectures: ARCHITECTURES,
    load: (sources) => loadWriter(sources, () => openOnnxWriter(sources)),
  },
};

/** Configuration, tokenizer and image processor first: where they are missing, no weights are packed. */
async function loadWriter(
  { checkpoint, ...sources }: TaskSources,
  build: () => Promise<SeeingWriter>,
): Promise<LoadedFamily> {
  const { config, folder, model } = checkpoint;
  const generation = await readStartedGeneration(folder, config, config.section('decoder'));
  const byCheckpoint = await readDecoding(folder, config, config.section('decoder'));
  const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
  const writer = await build();
  const { endIds, padId = 0, startId } = generation;
  return {
    tasks: {
      async 'image-to-text'({ image, prompt, maxTokens, decoding }, options = {}) {
        if (prompt !== undefined) {
          const expected = 'none: it begins by itself';
          throw new WeftError('model/bad-input', { model, input: 'prompt', expected, received: 'a text' });
        }
        const { pixelValues, shape } = await processor.processBatch([image], { signal: options.signal });
        const text = await writer.write({ data: pixelValues, shape }, options, (steps) =>
          writeText({
            ...{ ...options, prompt: [startId], tokenizer, decoding, byCheckpoint, steps },
            maxTokens: maxTokens ?? Math.min(generation.maxLength - 1, writer.positions),
            rules: { endIds, padId },
          }),
        );
        return { kind: 'Caption', text };
      },
    },
    bytes: writer.bytes,
    ...(writer.features === undefined ? {} : { features: writer.features(processor) }),
    release: () => writer.release(),
  };
}
