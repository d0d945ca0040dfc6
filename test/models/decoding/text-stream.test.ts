import { describe, expect, it } from 'vitest';
import { TextStream } from '../../../src/models/decoding/text-stream.ts';

/** What the decoder gives for so many tokens. */
function stream(decoded: readonly string[], stop: readonly string[] = []) {
  const pieces: string[] = [];
  const text = new TextStream({
    decode: (ids) => decoded[ids.length - 1] ?? '',
    stop,
    onText: (piece) => pieces.push(piece),
  });
  const ids = decoded.map((_, id) => id);
  for (const id of ids) text.show(ids.slice(0, id + 1));
  return { pieces, whole: text.finish(ids) };
}

describe('text stream', () => {
  it('gives a word when the next one begins', () => {
    const { pieces, whole } = stream(['a', 'a do', 'a dog', 'a dog runs']);
    expect(pieces).toEqual(['a', ' dog', ' runs']);
    expect(whole).toBe('a dog runs');
  });

  it('gives only complete characters', () => {
    const { pieces } = stream(['\uFFFD', '日', '日\uFFFD', '日本']);
    expect(pieces).toEqual(['日', '本']);
  });

  it('waits for what cleaning up may still change', () => {
    const { pieces } = stream(['i', 'i do', 'i do n', "i don't", "i don't know"]);
    expect(pieces).toEqual(['i', ' do', "n't", ' know']);
  });

  it('does not hold back text without spaces', () => {
    expect(stream(['你', '你好', '你好 世', '你好 世界', '你好 世界人']).pieces.join('')).toBe('你好 世界人');
    expect(stream(['你', '你好']).pieces).toEqual(['你', '好']);
  });

  it('gives nothing for nothing', () => {
    expect(stream([])).toEqual({ pieces: [], whole: '' });
  });

  it('ends before a stop string and never shows a part of it', () => {
    const { pieces, whole } = stream(
      ['a dog', 'a dog\n', 'a dog\nQ', 'a dog\nQ: and', 'a dog\nQ: and more'],
      ['\nQ:', 'cat'],
    );
    expect(whole).toBe('a dog');
    expect(pieces.join('')).toBe('a dog');
    const open = stream(['日', '日#', '日##', '日##本'], ['##!']);
    expect(open.pieces).toEqual(['日', '##本']);
    expect(open.whole).toBe('日##本');
  });

  it('looks for stop strings behind the prompt only', () => {
    const text = new TextStream({ decode: (ids) => ids.map((id) => `${id}.`).join(''), shown: [1, 2], stop: ['2.'] });
    expect(text.isOver([])).toBe(false);
    expect(text.isOver([3])).toBe(false);
    expect(text.isOver([3, 2])).toBe(true);
    expect(text.finish([3, 2, 4])).toBe('1.2.3.');
  });

  it('gives what is decided, and drafts of what is not', () => {
    const pieces: string[] = [];
    const drafts: string[] = [];
    const words = ['a', ' dog', ' cat', ' runs'];
    const text = new TextStream({
      decode: (ids) => ids.map((id) => words[id]).join(''),
      onText: (piece) => pieces.push(piece),
      onDraft: (draft) => drafts.push(draft),
    });
    text.show([0, 1], 1);
    text.show([0, 1], 1);
    text.show([0, 2, 3], 1);
    expect(text.finish([0, 2, 3])).toBe('a cat runs');
    expect(drafts).toEqual(['a dog', 'a cat runs']);
    expect(pieces).toEqual(['a', ' cat runs']);
  });
});
