import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/models/load-tokenizer.ts';
import { PieceDecoder } from '../../src/text/piece-decoder.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';
import { WordEncoder } from '../../src/text/word-encoder.ts';

const ZOO = join(import.meta.dirname, '..', '..', 'models', 'zoo', 'clip-shapes');

/** Byte pairs as GPT-2 has them; `Ġ` is a space, `Ã` and `©` are the bytes of é. */
const bytePairs = (decoder: object) =>
  new Tokenizer(
    {
      definition: {
        added_tokens: [{ id: 6, content: '<|endoftext|>', special: true, normalized: false }],
        normalizer: null,
        post_processor: null,
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
        decoder,
        model: { type: 'BPE', vocab: { a: 0, b: 1, Ġ: 2, Ã: 3, '©': 4, Ġa: 5 }, merges: ['Ġ a'] },
      },
      settings: {},
    },
    'test/bytes',
  );

describe('texts that grow by one token', () => {
  it('are those that decoding them whole gives, also within a character', () => {
    const tokenizer = bytePairs({ type: 'ByteLevel', add_prefix_space: true, trim_offsets: true });
    expect(tokenizer.joinsPieces).toBe(true);
    const decoder = new PieceDecoder(tokenizer);
    const every = [0, 1, 2, 3, 4, 5, 6];
    for (const ids of [[], [0, 5], [0, 3], [3, 4], [6], [2, 2, 3]]) {
      const expected = every.map((token) => tokenizer.decode([...ids, token], { skipSpecialTokens: false }));
      expect(decoder.continuations(ids, every)).toEqual(expected);
    }
    expect(decoder.continuations([0, 3], [4])).toEqual(['aé']);
    expect(decoder.piece(5)).toBe(' a');
  });

  it('are decoded whole where pieces do not simply join', () => {
    const tokenizer = bytePairs({ type: 'Metaspace', replacement: 'Ġ', prepend_scheme: 'always' });
    expect(tokenizer.joinsPieces).toBe(false);
    const expected = tokenizer.decode([5, 5], { skipSpecialTokens: false });
    expect(new PieceDecoder(tokenizer).continuations([5], [5])).toEqual([expected]);
  });
});

describe('texts of words that were seen before', () => {
  let clip: Tokenizer;
  beforeAll(async () => {
    clip = await loadTokenizer(ZOO, 'zoo/clip-shapes');
  });

  it('have the tokens that encoding them whole gives', () => {
    expect(clip.splitsAtSpaces).toBe(true);
    const encoder = new WordEncoder(clip);
    const texts = [
      '',
      ' a red circle',
      'A red  circle\n is left of a BLUE square.',
      "it's  two,three;4 5-6 é <|endoftext|> red",
      'red<|endoftext|>circle <-start_of_text->',
    ];
    for (const maxLength of [3, 5, 77]) {
      for (const text of [...texts, ...texts]) {
        expect(encoder.encode(text, maxLength)).toEqual(clip.encode(text, { maxLength }).ids);
      }
    }
  });

  it('are encoded whole where words are not apart', () => {
    const tokenizer = bytePairs({ type: 'ByteLevel' });
    expect(tokenizer.splitsAtSpaces).toBe(false);
    expect(new WordEncoder(tokenizer).encode('a a', 9)).toEqual([0, 5]);
  });
});
