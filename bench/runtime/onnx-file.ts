/**
 * Writes an ONNX encoder of any size: layers of MatMul and Relu over [rows, width], with repeatable random weights.
 * Only the few fields of the format that this needs (protocol buffers, onnx.proto of ONNX 1.x).
 */
import { open } from 'node:fs/promises';

const FLOAT = 1;
const IR_VERSION = 8;
const OPSET = 13;

export interface EncoderShape {
  readonly layers: number;
  readonly width: number;
}

/** Bytes written: layers * width * width * 4, and a little. Input `x` [rows, width], output `y` [rows, width]. */
export async function writeEncoder(path: string, { layers, width }: EncoderShape): Promise<number> {
  const weights = Buffer.from(randomWeights(width).buffer);
  const parts: Buffer[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const [from, to] = [layer === 0 ? 'x' : `r${layer - 1}`, layer === layers - 1 ? 'y' : `r${layer}`];
    parts.push(field(1, node('MatMul', [from, `w${layer}`], [`m${layer}`])));
    parts.push(field(1, node('Relu', [`m${layer}`], [to])));
  }
  parts.push(text(2, 'encoder'));
  for (let layer = 0; layer < layers; layer++) {
    const head = Buffer.concat([number(1, width), number(1, width), number(2, FLOAT), text(8, `w${layer}`)]);
    const data = Buffer.concat([key(9, 2), varint(weights.length)]);
    // The weights themselves are appended as they are: the file is bigger than one wants to hold twice.
    parts.push(key(5, 2), varint(head.length + data.length + weights.length), head, data, weights);
  }
  parts.push(field(11, valueInfo('x', width)), field(12, valueInfo('y', width)));
  const graphBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const opset = field(8, Buffer.concat([text(1, ''), number(2, OPSET)]));
  const header = [number(1, IR_VERSION), opset, key(7, 2), varint(graphBytes)];

  const file = await open(path, 'w');
  try {
    let bytes = 0;
    for (const part of [...header, ...parts]) bytes += (await file.write(part)).bytesWritten;
    return bytes;
  } finally {
    await file.close();
  }
}

function node(type: string, inputs: readonly string[], outputs: readonly string[]): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, type),
  ]);
}

function valueInfo(name: string, width: number): Buffer {
  const rows = field(1, text(2, 'rows'));
  const columns = field(1, number(1, width));
  const tensor = Buffer.concat([number(1, FLOAT), field(2, Buffer.concat([rows, columns]))]);
  return Buffer.concat([text(1, name), field(2, field(1, tensor))]);
}

function field(tag: number, content: Buffer): Buffer {
  return Buffer.concat([key(tag, 2), varint(content.length), content]);
}

function text(tag: number, content: string): Buffer {
  return field(tag, Buffer.from(content));
}

function number(tag: number, value: number): Buffer {
  return Buffer.concat([key(tag, 0), varint(value)]);
}

/** Field number and wire type: 0 is a varint, 2 a length and that many bytes. */
function key(tag: number, wire: 0 | 2): Buffer {
  return varint(tag * 8 + wire);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** Uniform in +-sqrt(3 / width), so that activations keep their size through the layers. */
function randomWeights(width: number): Float32Array {
  const scale = Math.sqrt(3 / width);
  let state = 1;
  return Float32Array.from({ length: width * width }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
}
