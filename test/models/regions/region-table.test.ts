import { describe, expect, it } from 'vitest';
import { readRegionLine, regionLines } from '../../../src/models/regions/region-table.ts';
import { regionLine } from './region-line.ts';

const read = (text: string) => {
  const [line] = [...regionLines(Buffer.from(text))];
  return readRegionLine(line!, 'a.tsv');
};

describe('regionLines', () => {
  it('gives ids and numbers of lines, with either ending, without empty ones', () => {
    const lines = [...regionLines(Buffer.from('7\ta\r\n\nx y\tb\nlast'))];
    expect(lines.map(({ id, number }) => [id, number])).toEqual([
      ['7', 1],
      ['x y', 3],
      ['last', 4],
    ]);
    expect(Buffer.from(lines[0]!.bytes).toString()).toBe('7\ta');
    expect([...regionLines(new Uint8Array())]).toEqual([]);
  });
});

describe('readRegionLine', () => {
  it('reads the columns of bottom-up attention and of LXMERT', () => {
    const expected = {
      features: Float32Array.of(1, 2, 3, 4, 5, 6),
      regions: 2,
      dim: 3,
      boxes: Float32Array.of(0, 0, 10, 20, 5, 5, 40, 30),
      width: 40,
      height: 30,
    };
    expect(read(regionLine({}))).toEqual(expected);
    expect(read(regionLine({ lxmert: true }))).toEqual(expected);
  });

  it.each<[string, string, string]>([
    ['another number of columns', '7\t40\t30', 'line 1 has 3 columns, expected 6 or 10'],
    ['no regions', regionLine({ regions: '0' }), 'line 1 has "0" as its regions'],
    ['a width that is no number', regionLine({ width: 'wide' }), 'has "wide" as its width'],
    ['text for base64', regionLine({ features: 'no base64!!!' }), 'has features that are no base64'],
    ['base64 that was cut', regionLine({ features: 'AAAA' }), 'has features that are no base64 of finite float32'],
    [
      'infinity',
      regionLine({ features: Buffer.from(Float32Array.of(1, 1 / 0).buffer).toString('base64') }),
      'no base64',
    ],
    ['boxes of other regions', regionLine({ regions: '3' }), 'has 8 numbers of boxes for 3 regions'],
    ['features of other regions', regionLine({ numbers: [1, 2, 3] }), 'has 3 numbers of features, no multiple'],
    ['boxes outside the picture', regionLine({ width: '20' }), 'box 2 is (5, 5, 40, 30), which does not lie'],
  ])('refuses %s', (_, text, reason) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'input/bad-file' }));
    expect(() => read(text)).toThrow(reason);
  });
});
