/** Families that go on with a text: what GPT-2, OPT and Llama have in common as families. */
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { languageSteps } from '../decoding/language-steps.ts';
import { onnxSteps } from '../decoding/onnx-steps.ts';
import type { DecodingSteps } from '../decoding/steps.ts';
import { writeText } from '../decoding/writer.ts';
import { OnnxDecoder } from '../onnx/decoder.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import { LanguageModel, type LanguageStack } from '../towers/language-model.ts';
import type { FamilyDefinition, LoadedFamily, TaskSources } from './family.ts';
import { roomFor } from './room.ts';

export interface LanguageFamily extends Omit<FamilyDefinition, 'architectures' | 'load' | 'onnx'> {
  /** The class whose head gives logits. */
  readonly architecture: string;
  readonly stack: (checkpoint: Checkpoint, rows: 'last', architecture: string) => LanguageStack;
  /** Most tokens of one text, by the configuration. */
  readonly positions: (config: ConfigReader) => number;
}

/** What goes on with texts, whatever runs it. */
interface Continuer {
  readonly positions: number;
  readonly bytes: number;
  /** Where the addon runs it. */
  readonly model?: LanguageModel;
  /** For one text. */
  readonly steps: () => DecodingSteps;
  readonly release: () => void;
}

/** Its task gives what was written after the prompt. */
export function languageFamily({ architecture, stack, positions, ...family }: LanguageFamily): FamilyDefinition {
  const architectures = { [architecture]: ['text-generation'] } as const;
  return {
    ...family,
    architectures,
    language: (checkpoint) => stack(checkpoint, 'last', architecture),
    load: (sources) =>
      loadContinuer(sources, async () => {
        const { checkpoint, precision, signal } = sources;
        const model = await LanguageModel.build(stack(checkpoint, 'last', architecture), { precision, signal });
        return {
          positions: model.positions,
          bytes: model.stack.bytes,
          model,
          steps: () => languageSteps(model, { batch: 1 }),
          release: () => model.release(),
        };
      }),
    onnx: {
      architectures,
      load: (sources) =>
        loadContinuer(sources, async () => {
          const decoder = await OnnxDecoder.open(sources.networks);
          const length = positions(sources.checkpoint.config);
          return {
            positions: length,
            bytes: decoder.bytes,
            steps: () => onnxSteps(decoder, { batch: 1, positions: length }),
            release: () => decoder.release(),
          };
        }),
    },
  };
}

/** Configuration and tokenizer first: where they are missing, no weights are packed. */
async function loadContinuer(
  { checkpoint, tokenizer: readTokenizer }: TaskSources,
  build: () => Promise<Continuer>,
): Promise<LoadedFamily> {
  const { config, folder, model: name } = checkpoint;
  const { endIds, padId = 0, newTokens, byCheckpoint } = await readCheckpointWriting(folder, config);
  const tokenizer = await readTokenizer();
  const continuer = await build();
  const { model, positions } = continuer;
  return {
    tasks: {
      async 'text-generation'({ prompt, maxTokens, decoding }, options = {}) {
        const { ids } = tokenizer.encode(prompt, { maxLength: positions, truncate: false });
        const text = await writeText({
          ...{ ...options, prompt: ids, tokenizer, decoding, byCheckpoint },
          steps: continuer.steps(),
          maxTokens: maxTokens ?? roomFor(name, ids.length, positions, newTokens(ids.length)),
          rules: { endIds, padId },
        });
        return { kind: 'Caption', text };
      },
    },
    bytes: continuer.bytes,
    ...(model === undefined ? {} : { language: { model, tokenizer, endIds, startId: config.ids('bos_token_id')[0] } }),
    release: () => continuer.release(),
  };
}
