/** LLaVA as a family with a task. */
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { writeText } from '../decoding/writer.ts';
import { llava } from '../families/llava.ts';
import { LlavaModel } from '../families/llava-model.ts';
import { aroundPictures } from './conversation.ts';
import type { FamilyDefinition } from './family.ts';
import { roomFor } from './room.ts';
import { imageFeatures } from './tower-features.ts';

export const llavaFamily: FamilyDefinition = {
  name: 'llava',
  title: 'LLaVA',
  paper: { title: 'Visual Instruction Tuning (2023)', url: 'https://arxiv.org/abs/2304.08485' },
  modelTypes: ['llava'],
  architectures: { LlavaForConditionalGeneration: ['image-text-to-text'] },
  checkpoints: ['llava-hf/llava-1.5-7b-hf', 'llava-hf/llava-1.5-13b-hf'],
  graph: 'llava-image-text-to-text',
  async load({ checkpoint, precision, signal, ...sources }) {
    const { folder, model: name } = checkpoint;
    const stacks = llava(checkpoint, 'last');
    const { endIds, padId = 0, newTokens, byCheckpoint } = await readCheckpointWriting(folder, stacks.text);
    const begin = stacks.text.id('bos_token_id', 1);
    const [tokenizer, processor] = [await sources.tokenizer(), await sources.imageProcessor()];
    const model = await LlavaModel.build(stacks, { precision, signal });
    const encode = (text: string) => tokenizer.encode(text, { specialTokens: false }).ids;
    return {
      tasks: {
        async 'image-text-to-text'({ images, prompt, maxTokens, decoding }, options = {}) {
          const [first = '', ...others] = aroundPictures(name, prompt, images);
          const see = async () => {
            const { pixelValues, shape } = await processor.processBatch(images, options);
            return model.see({ data: pixelValues, shape }, options.signal);
          };
          using rows = images.length === 0 ? undefined : await see();
          const picture = Array<number>(rows?.shape[1] ?? 0).fill(model.placeholder);
          const ids = [begin, ...encode(first), ...others.flatMap((text) => [...picture, ...encode(text)])];
          const text = await writeText({
            ...{ ...options, prompt: ids, tokenizer, decoding, byCheckpoint },
            steps: model.steps(rows, 1),
            maxTokens: maxTokens ?? roomFor(name, ids.length, model.language.positions, newTokens(ids.length)),
            rules: { endIds, padId },
          });
          return { kind: 'Caption', text };
        },
      },
      bytes: model.bytes,
      features: imageFeatures(model.vision, processor),
      release: () => model.release(),
    };
  },
};
