/** Builds .npy files for tests, well-formed and broken. */

export function npyFile(header: string, data: ArrayBuffer | Uint8Array = new Uint8Array(), version = 1): Uint8Array {
  const text = Buffer.from(header, 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]);
  return new Uint8Array(Buffer.concat([start, length, text, new Uint8Array(data)]));
}

export function npyHeader(type: string, shape: string, order = 'False'): string {
  return `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }         \n`;
}

export function npyFloats(shape: readonly number[], numbers: Float32Array): Uint8Array {
  const sides = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  return npyFile(npyHeader('<f4', sides), Float32Array.from(numbers).buffer);
}
