/** VisionEncoderDecoder, TrOCR among them, as a family with a task: what stands in a picture, or what it shows. */
import { WeftError } from '../../errors.ts';
import { readDecoding } from '../decoding/checkpoint-decoding.ts';
import { readStartedGeneration } from '../decoding/generation-config.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { writeText } from '../decoding/writer.ts';
import { PictureWriter } from '../families/picture-writer.ts';
import { visionEncoderDecoder } from '../families/vision-encoder-decoder.ts';
import type { FamilyDefinition } from './family.ts';
import { imageFeatures } from './tower-features.ts';

export const visionEncoderDecoderFamily: FamilyDefinition = {
  name: 'vision-encoder-decoder',
  title: 'VisionEncoderDecoder (TrOCR)',
  paper: {
    title: 'TrOCR: Transformer-based Optical Character Recognition with Pre-trained Models (2021)',
    url: 'https://arxiv.org/abs/2109.10282',
  },
  modelTypes: ['vision-encoder-decoder'],
  architectures: { VisionEncoderDecoderModel: ['image-to-text'] },
  checkpoints: [
    'microsoft/trocr-base-handwritten',
    'microsoft/trocr-base-printed',
    'nlpconnect/vit-gpt2-image-captioning',
  ],
  graph: 'trocr-image-to-text',
  async load({ checkpoint, precision, signal, ...sources }) {
    const { config, folder, model } = checkpoint;
    const generation = await readStartedGeneration(folder, config, config.section('decoder'));
    const byCheckpoint = await readDecoding(folder, config, config.section('decoder'));
    const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
    const writer = await PictureWriter.build(await visionEncoderDecoder(checkpoint, 'last'), { precision, signal });
    const { endIds, padId = 0, startId } = generation;
    return {
      tasks: {
        async 'image-to-text'({ image, prompt, maxTokens, decoding }, options = {}) {
          if (prompt !== undefined) {
            const expected = 'none: it begins by itself';
            throw new WeftError('model/bad-input', { model, input: 'prompt', expected, received: 'a text' });
          }
          const { signal } = options;
          const { pixelValues, shape } = await processor.processBatch([image], { signal });
          const { hidden } = await writer.see({ data: pixelValues, shape }, { signal });
          using seen = hidden!;
          using rows = await writer.memory(seen, { signal });
          const text = await writeText({
            ...{ ...options, prompt: [startId], tokenizer, decoding, byCheckpoint },
            steps: languageSteps(writer.decoder, { batch: 1, memory: [{ rows }] }),
            maxTokens: maxTokens ?? Math.min(generation.maxLength - 1, writer.decoder.positions),
            rules: { endIds, padId },
          });
          return { kind: 'Caption', text };
        },
      },
      bytes: writer.bytes,
      features: imageFeatures(writer.encoder, processor),
      release: () => writer.release(),
    };
  },
};
