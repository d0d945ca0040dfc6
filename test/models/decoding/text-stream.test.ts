import { describe, expect, it } from 'vitest';
import { TextStream } from '../../../src/models/decoding/text-stream.ts';

function stream(decoded: readonly string[]) {
  const pieces: string[] = [];
  const text = new TextStream(
    (ids) => decoded[ids.length - 1] ?? '',
    (piece) => pieces.push(piece),
  );
  for (const [id] of decoded.entries()) text.add(id);
  return { pieces, whole: text.finish() };
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
});
