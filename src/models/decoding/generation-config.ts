/** Which tokens end a text and which one fills it up, from generation_config.json, else config.json. */
import { ConfigReader } from '../blocks/config-reader.ts';
import { readJson } from '../read-json.ts';

export interface GenerationIds {
  /** None for a model that never stops by itself. */
  readonly endIds: readonly number[];
  /** As in transformers, the first end token where no padding is named; undefined where there is neither. */
  readonly padId: number | undefined;
}

export interface StartedGeneration extends GenerationIds {
  /** The token that texts of an encoder's decoder begin with. */
  readonly startId: number;
  /** Most tokens of a text, that one included. */
  readonly maxLength: number;
}

/** Transformers' own. */
const MAX_LENGTH = 20;

/** Throws `model/bad-config`. */
export async function readGenerationIds(folder: string, config: ConfigReader): Promise<GenerationIds> {
  return generationIdsOf(await readGeneration(folder, config), [config]);
}

/** How long texts become that go on from a prompt of so many tokens. */
export type NewTokens = (promptLength: number) => number;

/** As `generate` has it: `max_new_tokens`, else `max_length` with the prompt, which leaves room for one at least. */
export async function readNewTokens(folder: string, config: ConfigReader): Promise<NewTokens> {
  return newTokensOf(await readGeneration(folder, config), config);
}

/** The same of what was read already. */
export function newTokensOf(generation: ConfigReader, config: ConfigReader): NewTokens {
  if (generation.has('max_new_tokens')) {
    const count = generation.count('max_new_tokens');
    return () => count;
  }
  const placed = [generation, config].find((one) => one.has('max_length'));
  const length = placed?.count('max_length') ?? MAX_LENGTH;
  // A length that transformers assumes counts new tokens only.
  return placed === undefined ? () => length : (prompt) => Math.max(1, length - prompt);
}

/** Of a decoder behind an encoder, whose own section of config.json counts last. Throws `model/bad-config`. */
export async function readStartedGeneration(
  folder: string,
  config: ConfigReader,
  decoder: ConfigReader,
): Promise<StartedGeneration> {
  const generation = await readGeneration(folder, config);
  const configs = [config, decoder];
  const startId =
    first('decoder_start_token_id', generation, configs)[0] ?? first('bos_token_id', generation, configs)[0];
  const placed = [generation, ...configs].find((one) => one.has('max_length'));
  return {
    ...generationIdsOf(generation, configs),
    startId: startId ?? config.bad('decoder_start_token_id', 'a whole number from 0', undefined),
    maxLength: generation.has('max_new_tokens')
      ? 1 + generation.count('max_new_tokens')
      : (placed?.count('max_length') ?? MAX_LENGTH),
  };
}

/** Undefined where there is no generation_config.json. Throws `model/bad-config`. */
export async function readGenerationFile(folder: string, { model }: ConfigReader): Promise<ConfigReader | undefined> {
  const file = 'generation_config.json';
  const content = await readJson(folder, file, model);
  return content && new ConfigReader(content, { model, file });
}

async function readGeneration(folder: string, config: ConfigReader): Promise<ConfigReader> {
  return (await readGenerationFile(folder, config)) ?? noGeneration(config);
}

/** Stands for a file that is not there. */
export function noGeneration({ model }: ConfigReader): ConfigReader {
  return new ConfigReader({}, { model });
}

/** Each from generation_config.json, else from the first configuration that names it. Throws `model/bad-config`. */
export function generationIdsOf(generation: ConfigReader, configs: readonly ConfigReader[]): GenerationIds {
  const endIds = first('eos_token_id', generation, configs);
  return { endIds, padId: first('pad_token_id', generation, configs)[0] ?? endIds[0] };
}

/** From the first file or section that names it. */
function first(key: string, generation: ConfigReader, configs: readonly ConfigReader[]): readonly number[] {
  return [generation, ...configs].find((one) => one.has(key))?.ids(key) ?? [];
}
