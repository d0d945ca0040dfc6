import { describe, expect, it } from 'vitest';
import { describeValue } from '../../src/graph/describe-value.ts';

function nested(depth: number): unknown[] {
  let list: unknown[] = [];
  for (let level = 0; level < depth; level += 1) list = [list];
  return list;
}

describe('describeValue', () => {
  it.each([
    [undefined, 'none'],
    [null, 'null'],
    ['a "b"', '"a \\"b\\""'],
    [[1, 2], '[1,2]'],
    [Array.from({ length: 9 }), 'a list of 9'],
    [{ a: 1 }, '{"a":1}'],
    [{ a: 1n }, 'an object'],
    [() => 1, 'a function'],
  ])('%o is %s', (value, text) => expect(describeValue(value)).toBe(text));

  it('stays short', () => expect(describeValue('x'.repeat(1000))).toHaveLength(60));

  it('calls a list a list, however deep', () => expect(describeValue(nested(200_000))).toBe('a list'));
});
