/** Which tokens end a text and which one fills it up, from generation_config.json, else config.json. */
import { ConfigReader } from '../blocks/config-reader.ts';
import { readJson } from '../read-json.ts';

export interface GenerationIds {
  /** None for a model that never stops by itself. */
  readonly endIds: readonly number[];
  /** As in transformers, the first end token where no padding is named; undefined where there is neither. */
  readonly padId: number | undefined;
}

/** Throws `model/bad-config`. */
export async function readGenerationIds(folder: string, config: ConfigReader): Promise<GenerationIds> {
  const file = 'generation_config.json';
  const { model } = config;
  const generation = new ConfigReader((await readJson(folder, file, model)) ?? {}, { model, file });
  const first = (key: string) => (generation.has(key) ? generation : config).ids(key);
  const endIds = first('eos_token_id');
  return { endIds, padId: first('pad_token_id')[0] ?? endIds[0] };
}
