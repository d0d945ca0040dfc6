/** Builds safetensors files for tests, well-formed and broken. */

export interface TensorToStore {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian elements. */
  readonly bytes: Uint8Array;
}

/** A file of a header, given as text to allow broken ones, and data. */
export function safetensorsFile(header: string | object | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const json = header instanceof Uint8Array ? header : Buffer.from(textOf(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

function textOf(header: string | object): string {
  return typeof header === 'string' ? header : JSON.stringify(header);
}

/** One tensor of a header; offsets count from the start of the data. */
export function entry(dtype: string, shape: readonly number[], start: number, end: number) {
  return { dtype, shape, data_offsets: [start, end] };
}

export function storeTensors(tensors: Readonly<Record<string, TensorToStore>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = entry(dtype, shape, end, end + bytes.length);
    end += bytes.length;
  }
  return safetensorsFile(header, Buffer.concat(Object.values(tensors).map(({ bytes }) => bytes)));
}

export function f32(shape: readonly number[], values: readonly number[]): TensorToStore {
  return { dtype: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** 16-bit elements by their bits. */
export function words(dtype: string, shape: readonly number[], bits: readonly number[]): TensorToStore {
  return { dtype, shape, bytes: new Uint8Array(Uint16Array.from(bits).buffer) };
}
