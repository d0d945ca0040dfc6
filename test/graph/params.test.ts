import { describe, expect, it } from 'vitest';
import { checkParam, convertParam, fillParams } from '../../src/graph/index.ts';
import type { ParamSpec, ParamValue } from '../../src/protocol/param.ts';

const NUMBER: ParamSpec = { kind: 'number', doc: '' };
const TEXTS: ParamSpec = { kind: 'texts', doc: '' };
const NUMBERS: ParamSpec = { kind: 'numbers', doc: '' };
const FLAG: ParamSpec = { kind: 'boolean', default: false, doc: '' };

describe('convertParam', () => {
  it.each<[ParamSpec, string, ParamValue]>([
    [NUMBER, ' 2.5e1 ', 25],
    [NUMBER, '-3', -3],
    [NUMBER, '', ''],
    [NUMBER, 'ten', 'ten'],
    [NUMBER, 'Infinity', 'Infinity'],
    [FLAG, 'true', true],
    [FLAG, 'No', false],
    [FLAG, '1', true],
    [FLAG, 'maybe', 'maybe'],
    [TEXTS, 'cat, dog ,', ['cat', 'dog']],
    [TEXTS, 'a cat, sitting\na dog', ['a cat, sitting', 'a dog']],
    [TEXTS, '["a, b", "c"]', ['a, b', 'c']],
    [TEXTS, '[broken', '[broken'],
    [TEXTS, '[{"a":1}]', '[{"a":1}]'],
    [TEXTS, 'one', ['one']],
    [NUMBERS, '1, 2.5', [1, 2.5]],
    [NUMBERS, '[1, 2]', [1, 2]],
    [NUMBERS, '1, x', '1, x'],
    [{ kind: 'text', doc: '' }, '17', '17'],
    [{ kind: 'choice', options: ['a'], default: 'a', doc: '' }, 'a', 'a'],
  ])('%j from %j', (spec, text, expected) => {
    expect(convertParam(spec, text)).toEqual(expected);
  });

  it('leaves what is no text alone', () => {
    expect(convertParam(TEXTS, 7)).toBe(7);
    expect(convertParam(NUMBER, true)).toBe(true);
  });
});

describe('checkParam', () => {
  it.each<[ParamSpec, ParamValue]>([
    [NUMBER, Number.NaN],
    [NUMBER, Number.POSITIVE_INFINITY],
    [NUMBERS, [1, Number.NaN]],
    [{ kind: 'number', integer: true, doc: '' }, 2 ** 60],
    [{ kind: 'text', maxLength: 2, doc: '' }, 'abc'],
    [{ kind: 'source', accept: 'file', doc: '' }, 'a\0b'],
    [{ kind: 'model', families: [], doc: '' }, ''],
  ])('refuses for %j the value %j', (spec, value) => {
    expect(checkParam(spec, value)).toBeDefined();
  });

  it('wants a value only where there is no default', () => {
    expect(checkParam(NUMBER, undefined)).toMatchObject({ expected: 'a number' });
    expect(checkParam({ ...NUMBER, default: 0 }, undefined)).toBeUndefined();
    expect(checkParam({ ...NUMBER, optional: true }, undefined)).toBeUndefined();
  });

  it('takes an empty list of texts or numbers where no count is asked', () => {
    expect(checkParam(TEXTS, [])).toBeUndefined();
    expect(checkParam(NUMBERS, [])).toBeUndefined();
  });
});

describe('fillParams', () => {
  it('fills defaults, keeps what is given, and leaves optional ones out', () => {
    const specs = {
      a: { ...NUMBER, default: 1 },
      b: { ...NUMBER, default: 2 },
      c: { ...NUMBER, optional: true },
    } as const;
    expect(fillParams(specs, { b: 5, unknown: 1 })).toEqual({ a: 1, b: 5 });
    expect(fillParams({ toString: { ...NUMBER, default: 3 } }, {})).toEqual({ toString: 3 });
  });
});
