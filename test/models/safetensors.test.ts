import { describe, expect, it } from 'vitest';
import { parseSafetensors, safetensorsElements } from '../../src/models/safetensors.ts';

/** A file of a header (given as text to allow broken ones) and data. */
function file(header: string | object, data: readonly number[] | Uint8Array = []): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: readonly number[], start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('parseSafetensors', () => {
  it('gives views by name', () => {
    const floats = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const tensors = parseSafetensors(
      file(
        {
          __metadata__: { format: 'pt' },
          b: entry('U8', [3], 8, 11),
          a: entry('F32', [2, 1], 0, 8),
          none: entry('F32', [0], 11, 11),
        },
        [...floats, 7, 8, 9],
      ),
      'x',
    );
    expect([...tensors.keys()].sort()).toEqual(['a', 'b', 'none']);
    expect(tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2, 1] });
    expect(safetensorsElements(tensors.get('a')!)).toEqual(Float32Array.of(1.5, -2));
    expect(safetensorsElements(tensors.get('b')!)).toEqual(Uint8Array.of(7, 8, 9));
    expect(safetensorsElements(tensors.get('none')!)).toEqual(new Float32Array());
  });

  it('reads a file inside a Buffer that shares its memory with others', () => {
    const bytes = Buffer.concat([
      Buffer.of(1, 2, 3),
      file({ a: entry('I64', [1], 0, 8) }, new Uint8Array(BigInt64Array.of(-5n).buffer)),
    ]);
    const tensors = parseSafetensors(bytes.subarray(3), 'x');
    expect(safetensorsElements(tensors.get('a')!)).toEqual(BigInt64Array.of(-5n));
  });

  it.each([
    ['I8', new Int8Array(2)],
    ['BOOL', new Uint8Array(2)],
    ['F8_E4M3', new Uint8Array(2)],
    ['I16', new Int16Array(2)],
    ['F16', new Uint16Array(2)],
    ['BF16', new Uint16Array(2)],
    ['I32', new Int32Array(2)],
    ['U32', new Uint32Array(2)],
    ['U64', new BigUint64Array(2)],
    ['F64', new Float64Array(2)],
  ])('knows %s', (dtype, expected) => {
    const bytes = file({ a: entry(dtype, [2], 0, expected.byteLength) }, new Uint8Array(expected.byteLength));
    expect(safetensorsElements(parseSafetensors(bytes, 'x').get('a')!)).toEqual(expected);
  });

  const broken: [string, Uint8Array, RegExp][] = [
    ['too few bytes', new Uint8Array(5), /only 5 bytes/],
    ['a header longer than the file', file({}).fill(0xff, 0, 3), /header claims/],
    ['a header of 2^63 bytes', file({}).fill(0xff, 0, 8), /header claims/],
    ['a header that is not JSON', file('{"a":'), /not JSON/],
    ['a header that is not UTF-8', file('"\u0000"').fill(0xc0, 9, 10), /not JSON/],
    ['a header that is a list', file('[]'), /no object/],
    ['an unknown dtype', file({ a: entry('F4', [1], 0, 1) }, [1]), /dtype "F4"/],
    ['a dtype that objects have', file({ a: entry('toString', [1], 0, 1) }, [1]), /dtype/],
    ['an entry that is null', file({ a: null }), /"a"/],
    ['a negative shape', file({ a: entry('U8', [-1], 0, 1) }, [1]), /no valid shape/],
    ['offsets outside the file', file({ a: entry('U8', [4], 0, 4) }, [1, 2]), /outside the file/],
    ['offsets the wrong way', file({ a: entry('U8', [0], 1, 0) }, [1]), /outside the file/],
    ['a shape of another size', file({ a: entry('F32', [1], 0, 3) }, [1, 2, 3]), /needs 4/],
    ['a shape that overflows', file({ a: entry('F32', [2 ** 40, 2 ** 40], 0, 4) }, [1, 2, 3, 4]), /needs/],
    [
      'overlapping tensors',
      file({ a: entry('U8', [2], 0, 2), b: entry('U8', [2], 1, 3) }, [1, 2, 3]),
      /"b" starts at 1/,
    ],
    ['a hole', file({ a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, [1, 2, 3]), /"b" starts at 2/],
    ['bytes that belong to none', file({ a: entry('U8', [1], 0, 1) }, [1, 2]), /1 bytes after/],
  ];
  it.each(broken)('refuses %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'some.safetensors')).toThrow(message);
    expect(() => parseSafetensors(bytes, 'some.safetensors')).toThrow(
      expect.objectContaining({
        code: 'input/bad-file',
        details: expect.objectContaining({ path: 'some.safetensors' }),
      }),
    );
  });
});
