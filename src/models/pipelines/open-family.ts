/**
 * A model folder as a family that does tasks: config.json names the family and its class, the family loads the weights.
 * Tokenizer and image processor are read when the family asks for them. Must not know any family.
 */
import { WeftError } from '../../errors.ts';
import { parseImageProcessor } from '../../image/processor-config.ts';
import { type BackendSettings, chooseBackend } from '../backend.ts';
import { ConfigReader } from '../blocks/config-reader.ts';
import { loadTokenizer } from '../load-tokenizer.ts';
import { OnnxNetworks } from '../onnx/networks.ts';
import type { OnnxPool } from '../onnx/pool.ts';
import { sharedPool } from '../onnx/shared-pool.ts';
import { readJson, requireJson } from '../read-json.ts';
import { fromCheckpoint } from '../towers/checkpoint.ts';
import { checkVocabulary } from './check-vocabulary.ts';
import type { FamilyDefinition, LoadedFamily, OnnxDefinition, TaskSources } from './family.ts';
import { FAMILIES, familyOf } from './registry.ts';
import type { TaskName } from './task.ts';

export interface OpenFamilyOptions extends BackendSettings {
  /** How errors name the model. */
  readonly model: string;
  /** Where ONNX files run; the one of the whole program when left out. */
  readonly pool?: Pick<OnnxPool, 'session'>;
  readonly signal?: AbortSignal | undefined;
  readonly families?: readonly FamilyDefinition[];
}

export interface ChosenFamily {
  readonly config: ConfigReader;
  readonly definition: FamilyDefinition;
  /** One of the definition's `architectures`. */
  readonly architecture: string;
  /** What it does, by what runs it; the first is what it is for. */
  readonly tasks: readonly TaskName[];
  /** How it runs from ONNX files, if that is what runs it. */
  readonly onnx: OnnxDefinition | undefined;
}

export interface OpenedFamily extends ChosenFamily {
  readonly loaded: LoadedFamily;
}

const PULL_AGAIN = 'Pull the model again: every repository has one.';

/**
 * Rejects with `model/unsupported` for a family or a class that is not read, `model/missing-file`, `model/bad-config`,
 * `model/bad-weights`, and what the family's own `load` does.
 */
export async function openFamily(folder: string, options: OpenFamilyOptions): Promise<OpenedFamily> {
  const { model, precision = 'fp32', dtype = 'auto', signal, pool } = options;
  // Before the weights are looked for: a family that is not read needs none.
  const chosen = await chooseFamily(folder, options);
  const { definition, architecture, onnx, config } = chosen;
  const beside = (checkpoint: TaskSources['checkpoint']): TaskSources => ({
    ...{ checkpoint, architecture, signal },
    tokenizer: once(async () => {
      const tokenizer = await loadTokenizer(folder, model);
      checkVocabulary(tokenizer.size, checkpoint.config);
      return tokenizer;
    }),
    imageProcessor: once(() => loadImageProcessor(folder, model, checkpoint.config)),
  });
  if (onnx !== undefined) {
    const networks = await OnnxNetworks.in(folder, { model, dtype, pool: pool ?? sharedPool() });
    return { ...chosen, loaded: await onnx.load({ ...beside({ folder, model, config }), networks }) };
  }
  const loaded = await fromCheckpoint(folder, { model, signal }, (checkpoint) =>
    definition.load({ ...beside(checkpoint), checkpoint, precision }),
  );
  return { ...chosen, loaded };
}

/**
 * Which family and which of its classes a folder holds, by config.json, and what runs it, by the files beside it. Rejects as
 * `openFamily` does.
 */
export async function chooseFamily(
  folder: string,
  { model, families = FAMILIES, ...settings }: Pick<OpenFamilyOptions, 'model' | 'families'> & BackendSettings,
): Promise<ChosenFamily> {
  const config = new ConfigReader(await requireJson(folder, 'config.json', model, PULL_AGAIN), { model });
  const definition = familyOf(config.text('model_type'), model, families);
  const known = Object.keys(definition.architectures);
  const architecture = config.texts('architectures')[0] ?? known[0]!;
  if (!known.includes(architecture)) config.unsupported('architectures', `one of ${known.join(', ')}`, architecture);
  if ((await chooseBackend(folder, model, settings)) === 'native') {
    return { config, definition, architecture, tasks: definition.architectures[architecture]!, onnx: undefined };
  }
  const { onnx } = definition;
  const tasks = onnx?.architectures[architecture];
  if (onnx !== undefined && tasks !== undefined) return { config, definition, architecture, tasks, onnx };
  const classes = families.flatMap((family) => Object.keys(family.onnx?.architectures ?? {}));
  const expected = `safetensors, or a class that runs from ONNX files (${classes.join(', ')}),`;
  throw new WeftError('model/unsupported', { model, expected, received: `ONNX files of ${architecture}` });
}

async function loadImageProcessor(folder: string, model: string, config: ConfigReader) {
  // Newer repositories keep it inside the processor's file.
  const content =
    (await readJson(folder, 'preprocessor_config.json', model)) ??
    (await requireJson(
      folder,
      'processor_config.json',
      model,
      'It or preprocessor_config.json tells how pictures become tensors: pull the model again, or copy the file from its repository.',
    ));
  return parseImageProcessor(content, { model, modelType: config.text('model_type') });
}

/** What a family asks for twice is read once. */
function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
