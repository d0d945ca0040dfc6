/** Families that go on with a text: what GPT-2, OPT and Llama have in common as families. */
import { readDecoding } from '../decoding/checkpoint-decoding.ts';
import { readGenerationIds, readNewTokens } from '../decoding/generation-config.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { writeText } from '../decoding/writer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import { LanguageModel, type LanguageStack } from '../towers/language-model.ts';
import type { FamilyDefinition } from './family.ts';
import { roomFor } from './room.ts';

export interface LanguageFamily extends Omit<FamilyDefinition, 'architectures' | 'load'> {
  /** The class whose head gives logits. */
  readonly architecture: string;
  readonly stack: (checkpoint: Checkpoint, rows: 'last', architecture: string) => LanguageStack;
}

/** Its task gives what was written after the prompt. */
export function languageFamily({ architecture, stack, ...family }: LanguageFamily): FamilyDefinition {
  return {
    ...family,
    architectures: { [architecture]: ['text-generation'] },
    language: (checkpoint) => stack(checkpoint, 'last', architecture),
    async load({ checkpoint, precision, signal, tokenizer: readTokenizer }) {
      const { config, folder, model: name } = checkpoint;
      const { endIds, padId = 0 } = await readGenerationIds(folder, config);
      const newTokens = await readNewTokens(folder, config);
      const byCheckpoint = await readDecoding(folder, config);
      const tokenizer = await readTokenizer();
      const model = await LanguageModel.build(stack(checkpoint, 'last', architecture), { precision, signal });
      return {
        tasks: {
          async 'text-generation'({ prompt, maxTokens, decoding }, options = {}) {
            const { ids } = tokenizer.encode(prompt, { maxLength: model.positions, truncate: false });
            const text = await writeText({
              ...{ ...options, prompt: ids, tokenizer, decoding, byCheckpoint },
              steps: languageSteps(model, { batch: 1 }),
              maxTokens: maxTokens ?? roomFor(name, ids.length, model.positions, newTokens(ids.length)),
              rules: { endIds, padId },
            });
            return { kind: 'Caption', text };
          },
        },
        bytes: model.stack.bytes,
        language: {
          model,
          tokenizer,
          endIds,
          startId: config.ids('bos_token_id')[0],
        },
        release: () => model.release(),
      };
    },
  };
}
