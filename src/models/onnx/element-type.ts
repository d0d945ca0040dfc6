/**
 * ONNX element types on one side, Weft's dtypes on the other: which belongs to which, and the conversion between.
 * Runs in the thread; must not import onnxruntime.
 */
import { WeftError } from '../../errors.ts';
import type { Dtype } from '../../protocol/socket.ts';
import type { TensorData } from '../../protocol/value.ts';
import { floatToHalf } from '../half-float.ts';
import type { ElementType } from './message.ts';

/** The dtype whose values hold those of the element type; float64 loses precision, as every consumer is float32. */
const DTYPES: Readonly<Record<ElementType, Dtype>> = {
  float32: 'float32',
  float16: 'float16',
  float64: 'float32',
  int64: 'int64',
  uint64: 'int64',
  int32: 'int32',
  uint32: 'int64',
  int16: 'int32',
  uint16: 'int32',
  int8: 'int32',
  uint8: 'uint8',
  bool: 'bool',
};

type ElementArray = TensorData | Float64Array | BigUint64Array | Uint32Array | Int16Array | Int8Array;

/** The dtype of an element type, or undefined when Weft cannot carry it (strings, 4-bit integers, …). */
export function dtypeOfElement(element: string): Dtype | undefined {
  return Object.hasOwn(DTYPES, element) ? DTYPES[element as ElementType] : undefined;
}

export function isElementType(element: string): element is ElementType {
  return Object.hasOwn(DTYPES, element);
}

/** Weft's data as the model's element type. Throws `model/bad-input` when a whole number does not fit. */
export function toElement(
  data: TensorData,
  element: ElementType,
  where: { model: string; input: string },
): ElementArray {
  switch (element) {
    case 'float64':
      return Float64Array.from(data as Float32Array);
    case 'float16':
      return data instanceof Float32Array ? Uint16Array.from(data, floatToHalf) : data;
    case 'int8':
      return checked(data, Int8Array.from(data as Int32Array), element, where);
    case 'int16':
      return checked(data, Int16Array.from(data as Int32Array), element, where);
    case 'uint16':
      return checked(data, Uint16Array.from(data as Int32Array), element, where);
    case 'uint32':
      return checked(data, Uint32Array.from(data as BigInt64Array, Number), element, where);
    case 'uint64':
      return checked(data, BigUint64Array.from(data as BigInt64Array), element, where);
    default:
      return data;
  }
}

/** What the model gave, as Weft's data; the same array where nothing has to change. */
export function fromElement(data: ArrayBufferView & ArrayLike<number | bigint>, element: ElementType): TensorData {
  switch (element) {
    case 'float64':
      return Float32Array.from(data as unknown as Float64Array);
    case 'int8':
    case 'int16':
    case 'uint16':
      return Int32Array.from(data as unknown as Int16Array);
    case 'uint32':
      return BigInt64Array.from(data as unknown as Uint32Array, BigInt);
    case 'uint64':
      return BigInt64Array.from(data as unknown as BigUint64Array);
    case 'float16':
      // A Float16Array where the engine has one: its bits are what flows.
      return new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
    default:
      return data as unknown as TensorData;
  }
}

function checked<A extends ElementArray>(
  data: TensorData,
  converted: A,
  element: ElementType,
  { model, input }: { model: string; input: string },
): A {
  for (let index = 0; index < data.length; index++) {
    if (BigInt(data[index]!) !== BigInt(converted[index]!)) {
      throw new WeftError('model/bad-input', {
        model,
        input,
        expected: `values that fit ${element}`,
        received: String(data[index]),
      });
    }
  }
  return converted;
}
