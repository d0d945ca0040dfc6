/** Protocol buffers, the writing side: only the wire types that ONNX files need. */

type Wire = 0 | 2 | 5;

/** A message, a text or bytes inside a message. */
export function block(field: number, content: Buffer): Buffer {
  return Buffer.concat([blockHead(field, content.length), content]);
}

/** What comes before a block's content, for content that is written by itself. */
export function blockHead(field: number, bytes: number): Buffer {
  return Buffer.concat([key(field, 2), varint(bytes)]);
}

export function text(field: number, content: string): Buffer {
  return block(field, Buffer.from(content));
}

/** An int64; negative ones take ten bytes (two's complement). */
export function integer(field: number, value: number): Buffer {
  return Buffer.concat([key(field, 0), varint(value)]);
}

export function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}

function key(field: number, wire: Wire): Buffer {
  return varint(field * 8 + wire);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
