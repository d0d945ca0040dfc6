/** Fixture checkpoints as whole model folders: with a tokenizer of words and an image processor, so that tasks can run. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageValue } from '../../../src/protocol/value.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { type Alterations, alterCheckpoint } from '../families/altered-checkpoint.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

export interface TaskFolder {
  /** Id by word; `[PAD]`, `[CLS]`, `[SEP]` and `[UNK]` are special. */
  readonly words: Readonly<Record<string, number>>;
  /** Written into tokenizer_config.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly processor?: Readonly<Record<string, unknown>>;
  /** What is changed in the fixture's configuration and weights. */
  readonly alterations?: Alterations;
}

/** Texts become [CLS] words [SEP]; letters are kept as they are. */
export async function taskFolder(
  fixture: string,
  { words, settings = {}, processor, alterations }: TaskFolder,
): Promise<string> {
  const folder = join(temporaryFolder(), fixture);
  if (alterations === undefined) await cp(join(FIXTURES, fixture), folder, { recursive: true });
  else await alterCheckpoint(fixture, folder, alterations);
  const special = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', '[MASK]'].filter((content) => content in words);
  const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const tokenizer = {
    added_tokens: special.map((content) => ({ id: words[content], content, ...flags })),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, piece('[SEP]')],
      pair: [],
      special_tokens: Object.fromEntries(['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [words[id]], tokens: [id] }])),
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: words,
    },
  };
  const write = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));
  await write('tokenizer.json', tokenizer);
  await write('tokenizer_config.json', { pad_token: '[PAD]', ...settings });
  if (processor !== undefined) await write('preprocessor_config.json', processor);
  return folder;
}

/** A picture of waves, a different one for each seed. */
export function drawnImage(seed: number, width = 40, height = 32): ImageValue {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, index) =>
    Math.round(127 + 120 * Math.sin(seed + index * (0.01 + 0.003 * seed))),
  );
  return { kind: 'Image', data, width, height, name: `picture-${seed}.png` };
}
