import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../src/models/regions/npy.ts';
import { npyFile, npyFloats, npyHeader } from './npy-bytes.ts';

const SIX = Float32Array.of(1, -2.5, 3, 0, 1e-3, 6);

describe('readNpy', () => {
  it('reads float16, float32 and float64 of every version', () => {
    for (const version of [1, 2, 3]) {
      const file = npyFile(npyHeader('<f4', '(2, 3)'), SIX.buffer, version);
      expect(readNpy(file, 'a.npy')).toEqual({ shape: [2, 3], data: SIX });
    }
    const doubles = npyFile(npyHeader('<f8', '(6,)'), Float64Array.from(SIX).buffer);
    expect(readNpy(doubles, 'a.npy')).toEqual({ shape: [6], data: SIX });
    const halves = npyFile(npyHeader('<f2', '(1, 2)'), Uint16Array.of(0x3c00, 0xc100).buffer);
    expect(readNpy(halves, 'a.npy')).toEqual({ shape: [1, 2], data: Float32Array.of(1, -2.5) });
  });

  it('takes the entries of the header in any order, and bytes that begin anywhere', () => {
    const header = "{'shape': (2,3), 'descr': '<f4', 'fortran_order': False}\n";
    const file = npyFile(header, SIX.buffer);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readNpy(shifted.subarray(3), 'a.npy').data).toEqual(SIX);
    expect(readNpy(Buffer.from(shifted.buffer, 3), 'a.npy').data).toEqual(SIX);
  });

  it.each<[string, Uint8Array, string]>([
    ['another format', Buffer.from('PK\x03\x04 zip'), 'it does not begin as .npy files do'],
    ['an unknown version', npyFile(npyHeader('<f4', '(6,)'), SIX.buffer, 9), 'its version is 9'],
    ['a cut header', npyFile(npyHeader('<f4', '(6,)')).subarray(0, 9), 'it ends within its header'],
    ['a header longer than the file', npyFile(npyHeader('<f4', '(6,)')).subarray(0, 30), 'is cut or too long'],
    ['pickled objects', npyFile(npyHeader('|O', '(6,)'), SIX.buffer), 'type |O'],
    ['whole numbers', npyFile(npyHeader('<i4', '(6,)'), SIX.buffer), 'type <i4'],
    ['big-endian floats', npyFile(npyHeader('>f4', '(6,)'), SIX.buffer), 'type >f4'],
    ['Fortran order', npyFile(npyHeader('<f4', '(2, 3)', 'True'), SIX.buffer), 'its order is not C'],
    ['too few numbers', npyFile(npyHeader('<f4', '(7,)'), SIX.buffer), 'it holds 24 bytes of numbers, expected 28'],
    ['bytes after the numbers', npyFile(npyHeader('<f4', '(5,)'), SIX.buffer), 'it holds 24 bytes of numbers'],
    ['a header that is no dictionary', npyFile('import os', SIX.buffer), 'its header is malformed'],
    [
      'an entry twice',
      npyFile("{'descr': '<f4', 'descr': '<f4', 'shape': (6,)}", SIX.buffer),
      'its header is malformed',
    ],
    ['an unknown entry', npyFile("{'descr': '<f4', 'shape': (6,), 'x': True}", SIX.buffer), 'its header is malformed'],
    ['too many axes', npyFile(npyHeader('<f4', '(1,1,1,1,1,1,1,1,6)'), SIX.buffer), 'its shape is malformed'],
    ['infinity', npyFloats([1], Float32Array.of(Number.POSITIVE_INFINITY)), 'not finite'],
    ['a double beyond float32', npyFile(npyHeader('<f8', '(1,)'), Float64Array.of(1e300).buffer), 'not finite'],
  ])('refuses %s', (_, file, reason) => {
    expect(() => readNpy(file, 'a.npy')).toThrow(expect.objectContaining({ code: 'input/bad-file' }));
    expect(() => readNpy(file, 'a.npy')).toThrow(reason);
  });

  it('refuses more numbers than regions have, before it looks for them', () => {
    const file = npyFile(npyHeader('<f4', '(100000, 100000)'));
    expect(() => readNpy(file, 'a.npy')).toThrow(expect.objectContaining({ code: 'input/too-large' }));
  });
});
