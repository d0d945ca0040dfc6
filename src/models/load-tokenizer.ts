/**
 * The tokenizer of a model folder: tokenizer.json, which says everything about it, else the older files, which leave out
 * how texts are split and so need the name of the tokenizer's class.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../errors.ts';
import { type OlderFiles, olderDefinition, olderKind } from '../text/older-files.ts';
import { Tokenizer } from '../text/tokenizer.ts';
import { type JsonObject, readJson, readText } from './read-json.ts';

/** Other forms of a vocabulary, which nothing here reads. */
const UNREAD_FILES = ['vocab.json', 'merges.txt', 'vocab.txt', 'bpe_simple_vocab_16e6.txt.gz', 'spiece.model'];

/** Throws `model/missing-file` where nothing describes a tokenizer (naming what is there instead), `model/bad-config`. */
export async function loadTokenizer(folder: string, model: string): Promise<Tokenizer> {
  const settings = (await readJson(folder, 'tokenizer_config.json', model)) ?? {};
  const definition = await readJson(folder, 'tokenizer.json', model);
  if (definition !== undefined) return new Tokenizer({ definition, settings }, model);
  const older = await readOlderFiles(folder, settings, model);
  if (older === undefined) {
    throw new WeftError('model/missing-file', { model, file: 'tokenizer.json', hint: await hintFor(folder) });
  }
  const kind = await kindOf(folder, settings, model);
  return new Tokenizer(olderDefinition(kind, older, model), model);
}

async function readOlderFiles(folder: string, settings: JsonObject, model: string): Promise<OlderFiles | undefined> {
  const special = (await readJson(folder, 'special_tokens_map.json', model)) ?? {};
  const added = await readJson(folder, 'added_tokens.json', model);
  const shared = { added, settings: { ...special, ...settings } };
  const words = await readText(folder, 'vocab.txt', model);
  if (words !== undefined) return { vocabulary: words, ...shared };
  const vocabulary = await readJson(folder, 'vocab.json', model);
  const merges = await readText(folder, 'merges.txt', model);
  return vocabulary === undefined || merges === undefined ? undefined : { vocabulary, merges, ...shared };
}

async function kindOf(folder: string, { tokenizer_class: named }: JsonObject, model: string) {
  const config = (await readJson(folder, 'config.json', model)) ?? {};
  const kind = olderKind(named ?? config.tokenizer_class, config.model_type);
  if (kind !== undefined) return kind;
  throw new WeftError('model/unsupported', {
    model,
    expected: 'a tokenizer.json, or a "tokenizer_class" of BERT, GPT-2, RoBERTa or CLIP beside the older vocabulary',
    received: named === undefined ? 'neither' : JSON.stringify(named),
  });
}

async function hintFor(folder: string): Promise<string> {
  const present: string[] = [];
  for (const file of UNREAD_FILES) {
    const found = await access(join(folder, file)).then(
      () => true,
      () => false,
    );
    if (found) present.push(file);
  }
  if (present.length === 0) return 'Download it from the model’s repository: `weft models pull` takes it along.';
  return `Only ${present.join(', ')} is here, which leaves out how text is split. Make tokenizer.json from it with AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) in Python, or take it from the repository.`;
}
