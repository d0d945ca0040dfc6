/**
 * A model folder opened for a family: its configuration and its weights, and the promise that the files are closed
 * again. Must not know families.
 */
import { ConfigReader } from '../blocks/config-reader.ts';
import { requireJson } from '../read-json.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import { WeightReader } from '../weights/weight-reader.ts';

export interface CheckpointOptions {
  /** How errors name the model. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Checkpoint {
  readonly folder: string;
  readonly model: string;
  readonly config: ConfigReader;
  readonly weights: WeightReader;
}

/**
 * Opens the folder, hands it to `build` and closes its files whatever happens; stacks keep what they were built from.
 * Rejects with `model/missing-file`, `model/bad-config`, `model/bad-weights`, `model/unsupported`, and what `build` does.
 */
export async function fromCheckpoint<Built>(
  folder: string,
  { model, signal }: CheckpointOptions,
  build: (checkpoint: Checkpoint) => Promise<Built> | Built,
): Promise<Built> {
  const content = await requireJson(folder, 'config.json', model, 'Pull the model again: every repository has one.');
  const config = new ConfigReader(content, { model });
  if (config.has('quantization_config')) {
    config.unsupported('quantization_config', 'no quantised weights, so none', content.quantization_config);
  }
  const files = await WeightFiles.open(folder, { model, signal });
  try {
    return await build({ folder, model, config, weights: new WeightReader(files) });
  } finally {
    files.close();
  }
}

/**
 * Which of a family's classes the checkpoint is: `chosen`, else the first of config.json's `architectures`, else the
 * family's first. Throws `model/unsupported` for one that the family does not have.
 */
export function readArchitecture<Name extends string>(
  config: ConfigReader,
  known: readonly [Name, ...Name[]],
  chosen?: string,
): Name {
  const name = chosen ?? config.texts('architectures')[0] ?? known[0];
  return known.find((one) => one === name) ?? config.unsupported('architectures', `one of ${known.join(', ')}`, name);
}
