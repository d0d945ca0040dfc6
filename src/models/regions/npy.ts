/**
 * Arrays of floats in NumPy's own format: one array, C order, little-endian float16, float32 or float64. Nothing else is
 * read, above all no pickled objects. Pure.
 * Source: the format's description, numpy.lib.format (versions 1 to 3).
 */
import { WeftError } from '../../errors.ts';
import { halfToFloat } from '../half-float.ts';

export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** Features of ten thousand regions of two thousand numbers: far more than a detector gives. */
const MOST_NUMBERS = 2 ** 25;
const MOST_AXES = 8;
const LONGEST_HEADER = 10_000;
const SIZES: Readonly<Record<string, number>> = { '<f2': 2, '<f4': 4, '<f8': 8 };

/** @param path how errors name the file. Throws `input/bad-file`, `input/too-large`. */
export function readNpy(bytes: Uint8Array, path: string): FloatArray {
  const fail = (reason: string): never => {
    throw new WeftError('input/bad-file', { expected: 'an array of floats (.npy)', path, reason });
  };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return fail('it does not begin as .npy files do');
  const version = file[MAGIC.length] ?? 0;
  if (version < 1 || version > 3) return fail(`its version is ${version}, expected 1 to 3`);
  const lengthBytes = version === 1 ? 2 : 4;
  const start = MAGIC.length + 2 + lengthBytes;
  if (file.length < start) return fail('it ends within its header');
  const length = file.readUIntLE(start - lengthBytes, lengthBytes);
  if (length > LONGEST_HEADER || start + length > file.length)
    return fail(`its header of ${length} bytes is cut or too long`);
  const { type, shape } = parseHeader(file.toString('latin1', start, start + length), fail);
  const size =
    SIZES[type] ?? fail(`its numbers are of type ${type.slice(0, 20)}, expected ${Object.keys(SIZES).join(', ')}`);
  const count = shape.reduce((product, side) => product * side, 1);
  if (count > MOST_NUMBERS) {
    throw new WeftError('input/too-large', { limit: `${MOST_NUMBERS} numbers`, what: path, received: `${count}` });
  }
  const held = file.length - start - length;
  if (held !== count * size) return fail(`it holds ${held} bytes of numbers, expected ${count * size}`);
  // A copy: a Buffer's own slice would share its memory, and so begin anywhere.
  const data = floats(new Uint8Array(file.subarray(start + length)), type);
  if (!data.every(Number.isFinite)) return fail('some of its numbers are not finite');
  return { shape, data };
}

/** The three entries of a Python dictionary, in any order, and nothing beside them. */
function parseHeader(header: string, fail: (reason: string) => never): { type: string; shape: number[] } {
  const entry = /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\s]*\))\s*/.source;
  const whole = new RegExp(`^\\{${entry},${entry},${entry},?\\s*\\}\\s*$`).exec(header);
  const [, ...parts] = whole ?? [];
  const found = new Map(Array.from({ length: 3 }, (_, index) => [parts[2 * index], parts[2 * index + 1]]));
  const [, type] = /^'(.*)'$/.exec(found.get('descr') ?? '') ?? [];
  const [, sides] = /^\(([\d,\s]*)\)$/.exec(found.get('shape') ?? '') ?? [];
  if (found.size !== 3 || type === undefined || sides === undefined) return fail('its header is malformed');
  if (found.get('fortran_order') !== 'False') return fail('its order is not C (make it with numpy.ascontiguousarray)');
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  if (shape.length > MOST_AXES || !shape.every(Number.isSafeInteger)) return fail('its shape is malformed');
  return { type, shape };
}

/** @param bytes with memory of their own, so that they are aligned */
function floats({ buffer }: Uint8Array<ArrayBuffer>, type: string): Float32Array {
  if (type === '<f4') return new Float32Array(buffer);
  if (type === '<f8') return Float32Array.from(new Float64Array(buffer));
  return Float32Array.from(new Uint16Array(buffer), halfToFloat);
}
