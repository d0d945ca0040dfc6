/**
 * A published folder in small: the weights of a parity fixture, with the tokenizer and the image processor that its
 * family publishes beside them. Its answers mean nothing, its numbers are the reference's.
 */
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OlderKind, olderDefinition } from '../../src/text/older-files.ts';
import { f32, type TensorToStore } from '../native/safetensors-bytes.ts';
import { alterCheckpoint } from './families/altered-checkpoint.ts';
import { FIXTURES } from './families/parity-fixture.ts';

export interface TinyCheckpoint {
  /** Folder of test/fixtures/parity. */
  readonly fixture: string;
  /** Left out: the model reads no texts. */
  readonly tokenizer?: OlderKind;
  /** Ids of special tokens that config.json puts elsewhere than its family's published checkpoints. */
  readonly special?: Readonly<Record<string, number>>;
  /** preprocessor_config.json; left out: the model sees no pictures. */
  readonly processor?: Readonly<Record<string, unknown>>;
  /** Written over config.json: a fixture as another class of its family. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Tensors that take the place of stored ones or come beside them, by their shapes. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Tensors that are left out. */
  readonly without?: RegExp;
}

export async function writeTinyCheckpoint(folder: string, tiny: TinyCheckpoint): Promise<void> {
  const { fixture, tokenizer, special = {}, processor, config = {}, weights = {}, without } = tiny;
  const source = join(FIXTURES, fixture);
  await alterCheckpoint(fixture, folder, {
    config,
    rename: (name) => (without?.test(name) ? undefined : name),
    add: Object.fromEntries(Object.entries(weights).map(([name, shape]) => [name, waves(shape)])),
  });
  const write = (file: string, content: object) => writeFile(join(folder, file), JSON.stringify(content));
  const generation = join(source, 'generation_config.json');
  if (existsSync(generation)) await cp(generation, join(folder, 'generation_config.json'));
  if (processor !== undefined) await write('preprocessor_config.json', processor);
  if (tokenizer === undefined) return;
  const stored = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const vocabulary = tinyVocabulary(tokenizer, vocabularySize(stored), special);
  const { definition, settings } = olderDefinition(
    tokenizer,
    { vocabulary, merges: '', added: special, settings: {} },
    fixture,
  );
  await write('tokenizer.json', definition);
  await write('tokenizer_config.json', settings);
}

/** Numbers that differ from row to row. */
function waves(shape: readonly number[]): TensorToStore {
  const count = shape.reduce((product, side) => product * side, 1);
  return f32(
    shape,
    Array.from({ length: count }, (_, index) => Math.sin(index)),
  );
}

function vocabularySize(config: Readonly<Record<string, unknown>>): number {
  const parts = [config, config.text_config, config.decoder] as ({ vocab_size?: number } | undefined)[];
  const size = parts.find((part) => part?.vocab_size !== undefined)?.vocab_size;
  if (size === undefined) throw new Error('the fixture tells no vocabulary');
  return size;
}

/** Where published checkpoints have them, counted from the end where negative. */
const SPECIAL: Readonly<Record<OlderKind, Readonly<Record<string, number>>>> = {
  bert: { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, '[MASK]': 4 },
  gpt2: { '<|endoftext|>': -1 },
  roberta: { '<s>': 0, '<pad>': 1, '</s>': 2, '<unk>': 3, '<mask>': -1 },
  clip: { '<|startoftext|>': -2, '<|endoftext|>': -1 },
};

const WORDS =
  'a red ring blue circle what is the of in photo picture this how many two colour it and green star ? . , :';
const LETTERS = [...'etaoinshrdlucmfwypvbgkjqxz'];
const MARKS = [...'.,?:!TWHIA'];

/** As many tokens as the model has rows: special ones in their places, then what texts are made of, then names of none. */
function tinyVocabulary(
  kind: OlderKind,
  size: number,
  moved: Readonly<Record<string, number>>,
): Record<string, number> {
  const places = new Map<number, string>();
  for (const [token, place] of Object.entries({ ...SPECIAL[kind], ...moved })) {
    places.set(place < 0 ? size + place : place, token);
  }
  const pieces = {
    bert: WORDS.split(' '),
    gpt2: ['Ġ', ...LETTERS, ...MARKS],
    roberta: ['Ġ', ...LETTERS, ...MARKS],
    clip: [...LETTERS.map((letter) => `${letter}</w>`), ...LETTERS],
  }[kind];
  const rest = pieces.values();
  return Object.fromEntries(
    Array.from({ length: size }, (_, id) => [places.get(id) ?? rest.next().value ?? `[unused${id}]`, id]),
  );
}
