/**
 * A model folder as a family that does tasks: config.json names the family and its class, the family loads the weights.
 * Tokenizer and image processor are read when the family asks for them. Must not know any family.
 */
import { parseImageProcessor } from '../../image/processor-config.ts';
import type { Precision } from '../../native/stack-spec.ts';
import { ConfigReader } from '../blocks/config-reader.ts';
import { loadTokenizer } from '../load-tokenizer.ts';
import { readJson, requireJson } from '../read-json.ts';
import { fromCheckpoint } from '../towers/checkpoint.ts';
import { checkVocabulary } from './check-vocabulary.ts';
import type { FamilyDefinition, LoadedFamily } from './family.ts';
import { FAMILIES, familyOf } from './registry.ts';

export interface OpenFamilyOptions {
  /** How errors name the model. */
  readonly model: string;
  /** fp32 when left out. */
  readonly precision?: Precision | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly families?: readonly FamilyDefinition[];
}

export interface ChosenFamily {
  readonly definition: FamilyDefinition;
  /** One of the definition's `architectures`. */
  readonly architecture: string;
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
  const { model, precision = 'fp32', signal } = options;
  // Before the weights are looked for: a family that is not read needs none.
  const chosen = await chooseFamily(folder, options);
  const loaded = await fromCheckpoint(folder, { model, signal }, (checkpoint) =>
    chosen.definition.load({
      checkpoint,
      architecture: chosen.architecture,
      precision,
      signal,
      tokenizer: once(async () => {
        const tokenizer = await loadTokenizer(folder, model);
        checkVocabulary(tokenizer.size, checkpoint.config);
        return tokenizer;
      }),
      imageProcessor: once(() => loadImageProcessor(folder, model, checkpoint.config)),
    }),
  );
  return { ...chosen, loaded };
}

/** Which family and which of its classes a folder holds, by config.json alone. Rejects as `openFamily` does. */
export async function chooseFamily(
  folder: string,
  { model, families = FAMILIES }: Pick<OpenFamilyOptions, 'model' | 'families'>,
): Promise<ChosenFamily> {
  const config = new ConfigReader(await requireJson(folder, 'config.json', model, PULL_AGAIN), { model });
  const definition = familyOf(config.text('model_type'), model, families);
  const known = Object.keys(definition.architectures);
  const architecture = config.texts('architectures')[0] ?? known[0]!;
  if (!known.includes(architecture)) config.unsupported('architectures', `one of ${known.join(', ')}`, architecture);
  return { definition, architecture };
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
