/**
 * Writes ONNX files without Python: nodes, inputs, outputs and weights held in memory, in one protocol buffer.
 * Source: onnx.proto of ONNX 1.x. Knows the format, not what operators mean.
 */
import { open } from 'node:fs/promises';
import { block, blockHead, float, integer, text } from './protobuf.ts';

/** TensorProto.DataType. */
const DTYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type OnnxDtype = keyof typeof DTYPES;
export type OnnxArray = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array;

/** A name of a value; '' leaves an optional input out. */
export type Value = string;
/** A number, or a name for a size that each run chooses. */
export type Size = number | string;
/** Whole numbers become ints; a float attribute with a whole value says so: { float: 1 }. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** How many outputs, 1 when left out. */
  readonly outputs?: number;
  /** `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain?: string;
}

const IR_VERSION = 10;
/** The newest that every operator used here has kept its meaning in; GELU came with 20. */
const OPSET = 20;
const CONTRIB = 'com.microsoft';

export class OnnxGraph {
  readonly #nodes: Buffer[] = [];
  readonly #inputs: Buffer[] = [];
  readonly #outputs: Buffer[] = [];
  /** Alternately what precedes an array and the array itself, which is not copied. */
  readonly #weights: Buffer[] = [];
  readonly #opset: number;
  #count = 0;

  constructor({ opset = OPSET }: { opset?: number } = {}) {
    this.#opset = opset;
  }

  input(name: string, dtype: OnnxDtype, shape: readonly Size[]): Value {
    this.#inputs.push(block(11, valueInfo(name, dtype, shape)));
    return name;
  }

  output(value: Value, dtype: OnnxDtype, shape: readonly Size[]): void {
    this.#outputs.push(block(12, valueInfo(value, dtype, shape)));
  }

  /** A weight. The array must not change until the file is written. */
  constant(data: OnnxArray, shape: readonly number[]): Value {
    const count = shape.reduce((product, size) => product * size, 1);
    if (count !== data.length) throw new Error(`expected ${count} numbers for [${shape}], received ${data.length}`);
    const name = this.#fresh('w');
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const head = Buffer.concat([
      ...shape.map((size) => integer(1, size)),
      integer(2, DTYPES[dtypeOf(data)]),
      text(8, name),
      blockHead(9, bytes.length),
    ]);
    this.#weights.push(Buffer.concat([blockHead(5, head.length + bytes.length), head]), bytes);
    return name;
  }

  /** The values of a node's outputs. */
  nodes(type: string, inputs: readonly Value[], { attributes = {}, outputs = 1, domain }: NodeOptions = {}): Value[] {
    const made = Array.from({ length: outputs }, () => this.#fresh(type));
    this.#nodes.push(
      block(
        1,
        Buffer.concat([
          ...inputs.map((value) => text(1, value)),
          ...made.map((value) => text(2, value)),
          text(4, type),
          ...Object.entries(attributes).map(([name, value]) => block(5, attribute(name, value))),
          ...(domain === undefined ? [] : [text(7, domain)]),
        ]),
      ),
    );
    return made;
  }

  /** The value of a node with one output. */
  node(type: string, inputs: readonly Value[], options: NodeOptions = {}): Value {
    return this.nodes(type, inputs, options)[0]!;
  }

  /** A value under a name of the caller's choice, for outputs. */
  named(value: Value, name: string): Value {
    this.#nodes.push(block(1, Buffer.concat([text(1, value), text(2, name), text(4, 'Identity')])));
    return name;
  }

  /** Writes the file; gives its bytes. */
  async write(path: string): Promise<number> {
    const content = [...this.#nodes, text(2, 'bench'), ...this.#weights, ...this.#inputs, ...this.#outputs];
    const size = content.reduce((sum, part) => sum + part.length, 0);
    const opset = (domain: string, version: number) => block(8, Buffer.concat([text(1, domain), integer(2, version)]));
    const parts = [integer(1, IR_VERSION), opset('', this.#opset), opset(CONTRIB, 1), blockHead(7, size), ...content];
    const file = await open(path, 'w');
    try {
      let bytes = 0;
      for (const part of parts) {
        await file.writeFile(part);
        bytes += part.length;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }

  #fresh(stem: string): Value {
    this.#count += 1;
    return `${stem}_${this.#count}`;
  }
}

function dtypeOf(data: OnnxArray): OnnxDtype {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function valueInfo(name: string, dtype: OnnxDtype, shape: readonly Size[]): Buffer {
  const sizes = shape.map((size) => block(1, typeof size === 'number' ? integer(1, size) : text(2, size)));
  const tensor = Buffer.concat([integer(1, DTYPES[dtype]), block(2, Buffer.concat(sizes))]);
  return Buffer.concat([text(1, name), block(2, block(1, tensor))]);
}

/** AttributeProto, with the number of its type in field 20. */
function attribute(name: string, value: Attribute): Buffer {
  const typed = (type: number, ...content: Buffer[]) => Buffer.concat([text(1, name), ...content, integer(20, type)]);
  if (typeof value === 'string') return typed(3, text(4, value));
  if (typeof value === 'number') {
    return Number.isInteger(value) ? typed(2, integer(3, value)) : typed(1, float(2, value));
  }
  if ('float' in value) return typed(1, float(2, value.float));
  return typed(7, ...value.map((element) => integer(8, element)));
}
