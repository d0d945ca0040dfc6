import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Tokenizer } from '../../src/text/tokenizer.ts';

const WORDS = ['[PAD]', '[CLS]', '[SEP]', 'one', 'two', 'three', '[UNK]'];
const definition = {
  version: '1.0',
  added_tokens: [],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] },
  decoder: null,
  model: {
    type: 'WordPiece',
    vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
  },
};

function make(settings: object = { pad_token: '[PAD]', model_max_length: 6 }): Tokenizer {
  return new Tokenizer({ definition, settings: settings as Record<string, unknown> }, 'test/words');
}

describe('encode', () => {
  test('puts the special tokens around the text, or leaves them out', () => {
    expect(make().encode('One two')).toEqual({ ids: [1, 3, 4, 2], mask: [1, 1, 1, 1] });
    expect(make().encode('one two', { specialTokens: false }).ids).toEqual([3, 4]);
    expect(make().encode('').ids).toEqual([1, 2]);
    expect(make().encode('four').ids).toEqual([1, 6, 2]);
  });

  test('cuts the text, not the special tokens', () => {
    const long = 'one two three one two three';
    expect(make().encode(long).ids).toEqual([1, 3, 4, 5, 3, 2]);
    expect(make().encode(long, { maxLength: 3 }).ids).toEqual([1, 3, 2]);
    expect(make().encode(long, { maxLength: 2 }).ids).toEqual([1, 2]);
    expect(make().encode(long, { maxLength: 2, specialTokens: false }).ids).toEqual([3, 4]);
    const left = make({ model_max_length: 4, truncation_side: 'left' });
    expect(left.encode('one two three').ids).toEqual([1, 4, 5, 2]);
  });

  test('refuses what is too long when asked to', () => {
    expect(() => make().encode('one two three one two', { truncate: false })).toThrow(
      expect.objectContaining({ code: 'model/bad-input', details: expect.objectContaining({ received: '7 tokens' }) }),
    );
  });

  test('pads to a length, on the side the model says', () => {
    expect(make().encode('one', { pad: 5 })).toEqual({ ids: [1, 3, 2, 0, 0], mask: [1, 1, 1, 0, 0] });
    const left = make({ pad_token: { content: '[PAD]' }, padding_side: 'left' });
    expect(left.encode('one', { pad: 4 })).toEqual({ ids: [0, 1, 3, 2], mask: [0, 1, 1, 1] });
  });

  test('pads a batch to its longest text', () => {
    const batch = make().encodeBatch(['one', 'one two three'], { pad: 'longest' });
    expect(batch.map(({ ids }) => ids)).toEqual([
      [1, 3, 2, 0, 0],
      [1, 3, 4, 5, 2],
    ]);
    expect(make().encodeBatch([], { pad: 'longest' })).toEqual([]);
  });

  test('without a pad token, padding is refused and equal lengths are not', () => {
    const tokenizer = make({});
    expect(tokenizer.encodeBatch(['one', 'two'], { pad: 'longest' })[1]?.ids).toEqual([1, 4, 2]);
    expect(() => tokenizer.encodeBatch(['one', 'one two'], { pad: 'longest' })).toThrow(
      expect.objectContaining({ code: 'model/bad-config' }),
    );
  });

  test('python’s way to say "no limit" is no limit', () => {
    expect(make({ model_max_length: 1e30 }).maxLength).toBeUndefined();
    expect(make().maxLength).toBe(6);
  });
});

test('files that describe no tokenizer are model/bad-config', () => {
  const broken = { ...definition, model: { type: 'WordPiece' } };
  expect(() => new Tokenizer({ definition: broken, settings: {} }, 'test/words')).toThrow(
    expect.objectContaining({ code: 'model/bad-config', details: expect.objectContaining({ file: 'tokenizer.json' }) }),
  );
});

test('a kind of vocabulary that the library would only guess at is refused', () => {
  const other = { ...definition, model: { ...definition.model, type: 'WordLevel' } };
  expect(() => new Tokenizer({ definition: other, settings: {} }, 'test/words')).toThrow(
    expect.objectContaining({ code: 'model/unsupported', message: expect.stringContaining('WordLevel') }),
  );
});

describe('CLIP’s own tokenizer', () => {
  const folder = join(import.meta.dirname, '../../../shared/real/tokenizers/clip');
  const present = existsSync(join(folder, 'tokenizer.json'));
  if (!present) console.log('skipped: CLIP’s own tokenizer, because ../shared/real/tokenizers/clip is not here');

  test.skipIf(!present)('gives the ids that Python’s tokenizers give', async () => {
    const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
    const files = { definition: await read('tokenizer.json'), settings: await read('tokenizer_config.json') };
    const tokenizer = new Tokenizer(files, 'clip');
    // Made with tokenizers 0.23.2: Tokenizer.from_file(…).encode(text).ids, after enable_truncation(77).
    const cases = JSON.parse(await readFile(join(import.meta.dirname, 'clip-ids.json'), 'utf8'));
    expect(cases.length).toBeGreaterThan(10);
    for (const { text, ids } of cases) expect(tokenizer.encode(text).ids, text).toEqual(ids);
    const first = cases[0];
    expect(tokenizer.decode(first.ids)).toBe('a photo of a cat');
    expect(tokenizer.encode(first.text, { pad: 77 }).ids.slice(first.ids.length)).toEqual(
      new Array(77 - first.ids.length).fill(49407),
    );
  });
});
