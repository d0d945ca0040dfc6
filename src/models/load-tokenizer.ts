/** The tokenizer of a model folder. Reads tokenizer.json only: the one format that says everything about a tokenizer. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '../text/tokenizer.ts';
import { readJson, requireJson } from './read-json.ts';

/** Older forms of the same vocabulary, which leave out how text is split and normalised. */
const OLDER_FILES = ['vocab.json', 'merges.txt', 'vocab.txt', 'bpe_simple_vocab_16e6.txt.gz', 'spiece.model'];

/** Throws `model/missing-file` without a tokenizer.json (naming what is there instead), `model/bad-config`. */
export async function loadTokenizer(folder: string, model: string): Promise<Tokenizer> {
  const definition = await requireJson(folder, 'tokenizer.json', model, await hintFor(folder));
  const settings = (await readJson(folder, 'tokenizer_config.json', model)) ?? {};
  return new Tokenizer({ definition, settings }, model);
}

async function hintFor(folder: string): Promise<string> {
  const present: string[] = [];
  for (const file of OLDER_FILES) {
    const found = await access(join(folder, file)).then(
      () => true,
      () => false,
    );
    if (found) present.push(file);
  }
  if (present.length === 0) return 'Download it from the model’s repository: `weft models pull` takes it along.';
  return `Only ${present.join(', ')} is here, which leaves out how text is split. Make tokenizer.json from it with AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) in Python, or take it from the repository.`;
}
