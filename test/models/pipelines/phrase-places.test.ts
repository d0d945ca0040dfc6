import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/models/load-tokenizer.ts';
import { phrasePlaces } from '../../../src/models/pipelines/phrase-places.ts';
import { failure } from '../../files/temporary-folder.ts';
import { WORDS } from './fusion-words.ts';
import { taskFolder } from './task-folder.ts';

/** Words of several tokens: `sleeping` is sleep + ##ing. */
const PIECES = { ...WORDS, sleep: 20, '##ing': 21, '##s': 22, cats: 23 };

async function places(text: string, phrases: readonly string[], maxLength = 20) {
  const tokenizer = await loadTokenizer(await taskFolder('visual_bert_phrase', { words: PIECES }), 'test/model');
  const { ids } = tokenizer.encode(text, { maxLength });
  return phrasePlaces({ model: 'test/model', tokenizer, ids }, text, phrases);
}

describe('the places of phrases', () => {
  it('are those of their last tokens, behind [CLS]', async () => {
    expect(await places('a red dog sees the cat', ['a red dog', 'the cat', 'red'])).toEqual([3, 6, 2]);
    expect(await places('the cat sees a red  dog', ['a red dog'])).toEqual([6]);
  });

  it('count the pieces of words', async () => {
    expect(await places('the sleeping cat sees dogs', ['the sleeping', 'cat', 'dogs'])).toEqual([3, 4, 7]);
  });

  it('are of whole words, not of the same pieces elsewhere', async () => {
    // "sleep" is a token of "sleeping", but no word before the last.
    expect(await places('sleeping dogs sleep', ['sleep'])).toEqual([5]);
    expect(await places('cats see the cat', ['cat'])).toEqual([4]);
    expect(await places('the red-dog (a) sees', ['red-dog', '(a)'])).toEqual([2, 3]);
  });

  it('must be there, and within what is read', async () => {
    const told = async (...given: Parameters<typeof places>) => (await failure(places(...given))).message;
    expect(await told('sleeping dogs', ['sleep'])).toContain('parts of the text, word by word,');
    expect(await told('a dog', [' '])).toContain('parts of the text, word by word,');
    expect(await told('a dog', [])).toContain('at least one');
    expect(await told('a red dog sees the cat', ['the cat'], 5)).toContain('parts of the 5 tokens that it reads');
  });
});
