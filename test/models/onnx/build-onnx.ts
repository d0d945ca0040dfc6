/** Writes small ONNX files byte by byte, so that tests can also make those that no exporter would write. */

export type Message = Uint8Array;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

export function number(field: number, value: number): Message {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

export function bytes(field: number, content: Uint8Array | string): Message {
  const data = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return message([Uint8Array.from([...varint(field * 8 + 2), ...varint(data.length)]), data]);
}

export function message(fields: readonly Uint8Array[]): Message {
  return Uint8Array.from(Buffer.concat(fields));
}

const ELEMENTS = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11 };
export type Element = keyof typeof ELEMENTS;

export function valueInfo(name: string, element: Element, dims: readonly (number | string)[]): Message {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim)));
  const tensorType = message([number(1, ELEMENTS[element]), bytes(2, message(shape))]);
  return message([bytes(1, name), bytes(2, bytes(1, tensorType))]);
}

export function tensor(name: string, dims: readonly number[], data: Float32Array): Message {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message([...dims.map((dim) => number(1, dim)), number(2, 1), bytes(8, name), bytes(9, raw)]);
}

/** A float tensor whose numbers lie in another file. */
export function externalTensor(name: string, dims: readonly number[], location: string): Message {
  const entry = message([bytes(1, 'location'), bytes(2, location)]);
  return message([...dims.map((dim) => number(1, dim)), number(2, 1), bytes(8, name), bytes(13, entry), number(14, 1)]);
}

export function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Message[] = [],
): Message {
  return message([
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    bytes(4, type),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);
}

export interface GraphParts {
  nodes?: readonly Message[];
  initializers?: readonly Message[];
  sparse?: readonly Message[];
  inputs?: readonly Message[];
  outputs?: readonly Message[];
}

export function graph(name: string, { nodes, initializers, sparse, inputs, outputs }: GraphParts): Message {
  return message([
    ...(nodes ?? []).map((item) => bytes(1, item)),
    bytes(2, name),
    ...(initializers ?? []).map((item) => bytes(5, item)),
    ...(inputs ?? []).map((item) => bytes(11, item)),
    ...(outputs ?? []).map((item) => bytes(12, item)),
    ...(sparse ?? []).map((item) => bytes(15, item)),
  ]);
}

export function model(content: Message, extra: readonly Message[] = []): Message {
  const opset = bytes(8, message([bytes(1, ''), number(2, 17)]));
  return message([number(1, 8), bytes(2, 'weft-test'), bytes(7, content), opset, ...extra]);
}

/** y = x @ w, with x [n, rows] and w [rows, columns]. */
export function matMul(rows: number, columns: number, weights: Float32Array): Message {
  return model(
    graph('product', {
      nodes: [node('MatMul', ['x', 'w'], ['y'])],
      initializers: [tensor('w', [rows, columns], weights)],
      inputs: [valueInfo('x', 'float32', ['n', rows])],
      outputs: [valueInfo('y', 'float32', ['n', columns])],
    }),
  );
}

/** y = x for an element type. */
export function identity(element: Element, dims: readonly (number | string)[]): Message {
  return model(
    graph('same', {
      nodes: [node('Identity', ['x'], ['y'])],
      inputs: [valueInfo('x', element, dims)],
      outputs: [valueInfo('y', element, dims)],
    }),
  );
}

/** `times` matrix products in a row, each [side, side]: slow on purpose. */
export function longChain(side: number, times: number): Message {
  const weights = new Float32Array(side * side).fill(1 / side);
  const nodes = Array.from({ length: times }, (_, step) =>
    node('MatMul', [step === 0 ? 'x' : `h${step}`, 'w'], [step === times - 1 ? 'y' : `h${step + 1}`]),
  );
  return model(
    graph('chain', {
      nodes,
      initializers: [tensor('w', [side, side], weights)],
      inputs: [valueInfo('x', 'float32', [side, side])],
      outputs: [valueInfo('y', 'float32', [side, side])],
    }),
  );
}
