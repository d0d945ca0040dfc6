import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OlderFiles, type OlderKind, olderDefinition, olderKind } from '../../src/text/older-files.ts';
import { Tokenizer } from '../../src/text/tokenizer.ts';

function build(kind: OlderKind, files: OlderFiles): Tokenizer {
  return new Tokenizer(olderDefinition(kind, files, 'owner/name'), 'owner/name');
}

const shared = join(import.meta.dirname, '../../../shared/real/tokenizers');
const present = existsSync(join(shared, 'gpt2/vocab.json'));
if (!present) console.log('skipped: published vocabularies, because ../shared/real/tokenizers is not here');

interface Expected {
  readonly kind: OlderKind;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly ids: Readonly<Record<string, readonly number[]>>;
  readonly decoded: Readonly<Record<string, string>>;
}

const text = (...parts: string[]) => readFile(join(shared, ...parts), 'utf8');

/** The files as tools/fixtures/older_tokenizers.py gave them to transformers. */
async function filesOf(kind: OlderKind): Promise<Omit<OlderFiles, 'settings'>> {
  if (kind === 'bert') return { vocabulary: await text('bert', 'vocab.txt') };
  if (kind === 'clip') {
    const { model } = JSON.parse(await text('clip', 'tokenizer.json'));
    return { vocabulary: model.vocab, merges: `#version: 0.2\n${model.merges.join('\n')}\n` };
  }
  const vocabulary = JSON.parse(await text('gpt2', 'vocab.json'));
  const special = kind === 'roberta' ? ['<s>', '<pad>', '</s>', '<unk>', '<mask>'] : [];
  for (const token of special) vocabulary[token] = Object.keys(vocabulary).length;
  return { vocabulary, merges: await text('gpt2', 'merges.txt') };
}

describe.skipIf(!present)('tokenizers from older files', () => {
  it("give the ids and texts of transformers' own", async () => {
    const all: readonly Expected[] = JSON.parse(await readFile(join(import.meta.dirname, 'older-ids.json'), 'utf8'));
    expect(all.map(({ kind }) => kind)).toEqual(['bert', 'bert', 'bert', 'gpt2', 'gpt2', 'gpt2', 'roberta', 'clip']);
    for (const { kind, settings, ids, decoded } of all) {
      const tokenizer = build(kind, { ...(await filesOf(kind)), settings });
      for (const [sentence, expected] of Object.entries(ids)) {
        const what = `${kind} ${JSON.stringify(settings)} ${sentence}`;
        expect(tokenizer.encode(sentence).ids, what).toEqual(expected);
        expect(tokenizer.decode(expected), what).toBe(decoded[sentence]);
      }
    }
  });
});

const letters = { '<s>': 0, '</s>': 1, '<unk>': 2, '<mask>': 3, a: 4, b: 5, Ġ: 6, Ġa: 7, ab: 8 };
const merges = '#version: 0.2\nĠ a\na b\n';

describe('olderDefinition', () => {
  it('adds tokens of added_tokens.json, and those that files name instead of the usual ones', () => {
    const vocabulary = '[PAD]\r\n[UNK]\r\n<begin>\r\n[SEP]\r\na\r\n##b\r\n';
    const settings = { cls_token: { content: '<begin>', lstrip: false }, mask_token: null };
    const tokenizer = build('bert', { vocabulary, settings, added: { '[obj]': 6 } });
    expect(tokenizer.encode('A ab [obj] c').ids).toEqual([2, 4, 4, 5, 6, 1, 3]);
    expect(tokenizer.decode([2, 4, 5, 6, 3])).toBe('ab [obj]');
    expect([tokenizer.size, tokenizer.padId]).toEqual([7, 0]);
  });

  it("takes the space before RoBERTa's mask into it", () => {
    const tokenizer = build('roberta', { vocabulary: letters, merges, settings: {} });
    expect(tokenizer.encode('a <mask> ab').ids).toEqual([0, 4, 3, 7, 5, 1]);
  });

  it('refuses a vocabulary without the tokens every text needs', () => {
    expect(() => build('bert', { vocabulary: '[PAD]\n[UNK]\n[CLS]\n', settings: {} })).toThrow(
      expect.objectContaining({ code: 'model/bad-config', details: expect.objectContaining({ file: 'vocab.txt' }) }),
    );
    expect(() => build('clip', { vocabulary: letters, merges, settings: {} })).toThrow(/<\|startoftext\|>/);
  });
});

describe('olderKind', () => {
  it('follows the class, else the model, and knows nothing else', () => {
    expect(olderKind('BertTokenizer', 'clip')).toBe('bert');
    expect(olderKind('CLIPTokenizerFast', undefined)).toBe('clip');
    expect(olderKind(undefined, 'bridgetower')).toBe('roberta');
    expect(olderKind('LlamaTokenizer', 'gpt2')).toBeUndefined();
    expect(olderKind(undefined, 'constructor')).toBeUndefined();
  });
});
