/**
 * How a checkpoint makes one row of a text's tokens, as sentence-transformers keeps it beside the weights: modules.json,
 * 1_Pooling/config.json, sentence_bert_config.json, config_sentence_transformers.json. Reads them; runs nothing.
 * Source: Reimers and Gurevych, Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks (2019).
 */
import { WeftError } from '../../errors.ts';
import { ConfigReader } from '../blocks/config-reader.ts';
import { isObject, readJson, readJsonList } from '../read-json.ts';

/** In the order in which the rows of several stand side by side. */
const POOLINGS = ['cls', 'max', 'mean', 'mean_sqrt_len_tokens', 'weightedmean', 'lasttoken'] as const;
const SUPPORTED = ['cls', 'mean', 'mean_sqrt_len_tokens', 'lasttoken'] as const;

/**
 * The first token, the mean over all tokens that are no padding, their sum over the root of their number, or the last one.
 */
export type Pooling = (typeof SUPPORTED)[number];

export interface SentenceForm {
  /** One, or several side by side. */
  readonly poolings: readonly Pooling[];
  /** Rows are divided by their length. */
  readonly normalised: boolean;
  /** Most tokens that are read, where that is less than the model can. */
  readonly maxLength?: number;
  /** What is done to a text before its tokenizer. */
  readonly prepare: (text: string) => string;
}

const FLAGS: Readonly<Record<string, (typeof POOLINGS)[number]>> = {
  pooling_mode_cls_token: 'cls',
  pooling_mode_max_tokens: 'max',
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_mean_sqrt_len_tokens: 'mean_sqrt_len_tokens',
  pooling_mode_weightedmean_tokens: 'weightedmean',
  pooling_mode_lasttoken: 'lasttoken',
};

/**
 * The mean over a text's tokens where the folder says nothing, as sentence-transformers takes a plain checkpoint.
 * Rejects with `model/bad-config`, and `model/unsupported` for a module or pooling that is not carried out.
 */
export async function readSentenceForm(folder: string, model: string): Promise<SentenceForm> {
  const pooling = await optional(folder, '1_Pooling/config.json', model);
  const limits = await optional(folder, 'sentence_bert_config.json', model);
  const prompts = await optional(folder, 'config_sentence_transformers.json', model);
  const prompt = promptOf(prompts);
  const isLower = limits.flag('do_lower_case', false);
  return {
    poolings: poolingsOf(pooling),
    normalised: await isNormalised(folder, model),
    ...(limits.has('max_seq_length') ? { maxLength: limits.count('max_seq_length') } : {}),
    prepare: (text) => (isLower ? `${prompt}${text}`.toLowerCase() : `${prompt}${text}`),
  };
}

async function optional(folder: string, file: string, model: string): Promise<ConfigReader> {
  return new ConfigReader((await readJson(folder, file, model)) ?? {}, { model, file });
}

/** One name in newer files, a flag for each in older ones; the mean where neither says anything. */
function poolingsOf(config: ConfigReader): readonly Pooling[] {
  config.only('include_prompt', true);
  const named = config.has('pooling_mode') ? [config.text('pooling_mode')] : flagged(config);
  if (named.length === 0) return ['mean'];
  return named.map((name) => {
    const supported = SUPPORTED.find((pooling) => pooling === name);
    return supported ?? config.unsupported('pooling_mode', `one of ${SUPPORTED.join(', ')}`, name);
  });
}

function flagged(config: ConfigReader): readonly string[] {
  const on = new Set(Object.entries(FLAGS).flatMap(([key, name]) => (config.flag(key, false) ? [name] : [])));
  return POOLINGS.filter((name) => on.has(name));
}

/** Which modules follow the model: none but one pooling and a division by the length are carried out. */
async function isNormalised(folder: string, model: string): Promise<boolean> {
  const file = 'modules.json';
  const modules = (await readJsonList(folder, file, model)) ?? [];
  const names = modules.map((module) => {
    const type = isObject(module) && typeof module.type === 'string' ? module.type : undefined;
    if (type !== undefined) return type.split('.').at(-1)!;
    const expected = 'an object with a "type" for each module';
    throw new WeftError('model/bad-config', { model, file, expected, received: JSON.stringify(module).slice(0, 100) });
  });
  const forms = ['', 'Transformer', 'Transformer,Pooling', 'Transformer,Pooling,Normalize'];
  if (forms.includes(names.join())) return names.includes('Normalize');
  const expected = `the modules Transformer, Pooling and Normalize, in this order, in ${file}`;
  throw new WeftError('model/unsupported', { model, expected, received: names.join(', ') });
}

/** What stands before every text where the model was trained so. */
function promptOf(config: ConfigReader): string {
  if (!config.has('default_prompt_name')) return '';
  return config.section('prompts').text(config.text('default_prompt_name'));
}
