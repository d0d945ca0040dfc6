import { describe, expect, it } from 'vitest';
import { type PickleDict, PickleTuple } from '../../../src/models/convert/pickle-values.ts';
import { readPickle } from '../../../src/models/convert/read-pickle.ts';

const read = (text: string) =>
  readPickle(Buffer.from(text, 'latin1'), {
    unsafe: (reason) => new Error(`unsafe: it ${reason}`),
    broken: (reason) => new Error(`broken: ${reason}`),
  });

const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

describe('a pickle', () => {
  it('is plain data', () => {
    expect(read('\x80\x02N.')).toBeNull();
    expect(read('\x80\x02(K\x01M\x02\x01J\xfe\xff\xff\xff\x88\x89t.')).toEqual(
      new PickleTuple([1, 258, -2, true, false]),
    );
    expect(read('\x8a\x02\x00\x80.')).toBe(-32_768);
    expect(read('\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.')).toBe(2n ** 64n);
    expect(read('G\x3f\xe0\x00\x00\x00\x00\x00\x00.')).toBe(0.5);
    expect(read(`]q\x00(${text('a')}h\x00e.`)).toHaveLength(2);
    const dict = read(`}(${text('a')}K\x01K\x02]us.`.replace('s.', '.')) as PickleDict;
    expect([...dict.entries]).toEqual([
      ['a', 1],
      [2, []],
    ]);
  });

  it.each([
    ['GLOBAL', 'cos\nsystem\n(tR.', 'unsafe: it mentions "os.system"'],
    ['STACK_GLOBAL', `${text('builtins')}${text('eval')}\x93.`, 'unsafe: it mentions "builtins.eval"'],
    ['a name that only looks allowed', 'ccollections\nOrderedDict.__init__\n.', 'OrderedDict.__init__'],
    ['REDUCE of a value', 'K\x01)R.', 'opcode REDUCE'],
    ['REDUCE of a storage, which is no function', 'ctorch\nFloatStorage\n)R.', 'arguments that do not fit'],
    ['BUILD', ']}b.', 'opcode BUILD'],
    ['INST', '(ios\nsystem\n.', 'opcode INST'],
    ['OBJ', '(o.', 'opcode OBJ'],
    ['NEWOBJ', 'ccollections\nOrderedDict\n)\x81.', 'opcode NEWOBJ'],
    ['EXT1', '\x82\x01.', 'opcode EXT1'],
    ['an opcode that nobody knows', '\xff.', 'opcode 0xff'],
    ['a reference to something else', ')Q.', 'no storage of numbers'],
    [
      'a tensor without a storage',
      'ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x00))\x89}tR.',
      'arguments that do not fit',
    ],
    ['values that are not there', '\x86.', 'broken: its pickle takes more values than it has'],
    ['a mark that is not there', 't.', 'broken: its pickle takes more values'],
    ['memory that is not there', 'h\x05.', 'broken: it remembers what it never had'],
    ['an end that is not there', 'K', 'broken: its pickle ends too early'],
    ['a text longer than the pickle', 'X\xff\xff\xff\x7fa.', 'broken: its pickle ends too early'],
    ['items of something else', ']K\x01K\x02s.', 'no dictionary'],
  ])('is refused for %s', (_, pickle, message) => {
    expect(() => read(pickle)).toThrow(message);
  });
});
