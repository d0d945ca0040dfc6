/**
 * Reads the structure of a protobuf file field by field, skipping what is not wanted without reading it.
 * Synchronous: for worker threads only. Knows no schema; must not keep more than one small window of the file.
 * Source: the protobuf encoding specification (tag = field number << 3 | wire type).
 */
import { readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;
/** Tags and lengths have 32 bits; a longer spelling of one is read differently by different parsers. */
const SHORT = 5;

/** Anything in the file that protobuf does not allow; the message says what, for the catalogue's `reason`. */
export class ProtobufError extends Error {}

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 5;
  /** Of wire type 0: its value; of wire type 2: length of its content, whose first byte is at `position`. */
  readonly value: number;
}

export class ProtobufReader {
  /** Next byte to read, from the start of the file. */
  position = 0;
  readonly size: number;
  readonly #descriptor: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #windowStart = 0;
  #windowLength = 0;

  constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor;
    this.size = size;
  }

  /** The header of the next field of a message that ends at `end`; its content is not read yet. */
  field(end: number): Field {
    const tag = this.varint(end, SHORT);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number < 1 || number > 536_870_911) throw new ProtobufError(`field number ${number} is not allowed`);
    switch (wire) {
      case 0:
        return { number, wire, value: this.varint(end) };
      case 1:
      case 5: {
        const length = wire === 1 ? 8 : 4;
        this.#within(length, end);
        this.position += length;
        return { number, wire, value: 0 };
      }
      case 2: {
        const value = this.varint(end, SHORT);
        this.#within(value, end);
        return { number, wire, value };
      }
      default:
        throw new ProtobufError(`wire type ${wire} of field ${number} is not allowed`);
    }
  }

  /** A base-128 varint. Bits above 53 are dropped: only numbers that may be negative use them, and none is needed here. */
  varint(end: number, longest = 10): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < longest; index++) {
      if (this.position >= end) throw new ProtobufError('a number runs past the end of its message');
      const byte = this.#byte();
      if (index < 7) value += (byte & 0x7f) * scale;
      else if (index === 7) value += (byte & 0x0f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError(`a number is longer than ${longest} bytes`);
  }

  /** The next `length` bytes as text. Throws when there are more than `limit`. */
  text(length: number, limit: number): string {
    if (length > limit) throw new ProtobufError(`a text of ${length} bytes is longer than ${limit}`);
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = this.#byte();
    return new TextDecoder().decode(bytes);
  }

  #within(length: number, end: number): void {
    if (length > end - this.position) throw new ProtobufError('a field runs past the end of its message');
  }

  #byte(): number {
    const offset = this.position - this.#windowStart;
    if (offset < 0 || offset >= this.#windowLength) return this.#refill();
    this.position++;
    return this.#window[offset]!;
  }

  #refill(): number {
    this.#windowStart = this.position;
    this.#windowLength = readSync(this.#descriptor, this.#window, 0, WINDOW_BYTES, this.position);
    if (this.#windowLength === 0) throw new ProtobufError('the file ends too early');
    this.position++;
    return this.#window[0]!;
  }
}
