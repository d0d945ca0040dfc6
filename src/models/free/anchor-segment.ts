/**
 * Some thousand anchors in one safetensors file that is never changed, only replaced: vectors of both sides as binary16
 * with their lengths, entries as JSON lines, small pictures. Must not know other segments.
 */
import { WeftError } from '../../errors.ts';
import { NativeWeightFile } from '../../native/weights.ts';
import { isObject } from '../read-json.ts';
import { type WrittenTensor, writeTensors } from '../weights/write-tensors.ts';
import { type AnchorEntry, type AnchorSpaces, SIDES } from './anchor.ts';

/** What a segment is made of, row by row. */
export interface SegmentRow {
  readonly entry: Uint8Array;
  readonly thumbnail: Uint8Array;
  readonly image: { readonly halves: Uint16Array; readonly norm: number };
  readonly text: { readonly halves: Uint16Array; readonly norm: number };
}

export function encodeEntry({ id, caption, picture, hash }: AnchorEntry): Uint8Array {
  return Buffer.from(JSON.stringify({ id, caption, picture, hash }));
}

/** Rejects with what the file system says. */
export async function writeSegment(path: string, rows: readonly SegmentRow[], spaces: AnchorSpaces): Promise<void> {
  const tensors: WrittenTensor[] = SIDES.flatMap((side) => {
    const { width } = spaces[side];
    const [data, norms] = [new Uint16Array(rows.length * width), new Float32Array(rows.length)];
    for (const [index, row] of rows.entries()) {
      data.set(row[side].halves, index * width);
      norms[index] = row[side].norm;
    }
    return [
      { name: side, dtype: 'F16', shape: [rows.length, width], data },
      { name: `${side}_norms`, dtype: 'F32', shape: [rows.length], data: norms },
    ] as const;
  });
  for (const [name, field] of Object.entries({ entries: 'entry', thumbnails: 'thumbnail' } as const)) {
    const ends = new Uint32Array(rows.length);
    let end = 0;
    for (const [index, row] of rows.entries()) {
      end += row[field].length;
      ends[index] = end;
    }
    const data = Buffer.concat(rows.map((row) => row[field]));
    tensors.push(
      { name: `${name}_ends`, dtype: 'U32', shape: [rows.length], data: ends },
      { name, dtype: 'U8', shape: [end], data },
    );
  }
  await writeTensors(path, tensors);
}

export class AnchorSegment {
  readonly rows: number;
  readonly file: NativeWeightFile;
  readonly #spaces: AnchorSpaces;

  private constructor(file: NativeWeightFile, rows: number, spaces: AnchorSpaces) {
    this.file = file;
    this.rows = rows;
    this.#spaces = spaces;
  }

  /** Rejects with `input/bad-file` for what is no segment of these spaces and as many rows. */
  static async open(path: string, rows: number, spaces: AnchorSpaces): Promise<AnchorSegment> {
    const file = await NativeWeightFile.open(path);
    const expected: Readonly<Record<string, string>> = {
      image: `F16 ${[rows, spaces.image.width]}`,
      text: `F16 ${[rows, spaces.text.width]}`,
      image_norms: `F32 ${[rows]}`,
      text_norms: `F32 ${[rows]}`,
      entries_ends: `U32 ${[rows]}`,
      thumbnails_ends: `U32 ${[rows]}`,
    };
    for (const [name, form] of Object.entries(expected)) {
      const tensor = file.tensors.get(name);
      const found = tensor === undefined ? 'none' : `${tensor.dtype} ${[...tensor.shape]}`;
      if (found === form) continue;
      file.close();
      const reason = `its tensor "${name}" is ${found}, expected ${form}`;
      throw new WeftError('input/bad-file', { expected: 'anchors', path, reason });
    }
    return new AnchorSegment(file, rows, spaces);
  }

  /** Of some rows, in their order. Rejects with `input/bad-file`. */
  async entries(rows: readonly number[]): Promise<readonly AnchorEntry[]> {
    return (await this.#pieces('entries', rows)).map((piece) => this.#parse(piece));
  }

  /** Of all rows: what the next change begins with. */
  async allEntries(): Promise<readonly AnchorEntry[]> {
    return (await this.#all('entries')).map((piece) => this.#parse(piece));
  }

  /** Small pictures of some rows, empty where there is none. */
  thumbnails(rows: readonly number[]): Promise<readonly Uint8Array[]> {
    return this.#pieces('thumbnails', rows);
  }

  /** Every row, to be written again beside others. */
  async read(): Promise<readonly SegmentRow[]> {
    const [entries, thumbnails] = [await this.#all('entries'), await this.#all('thumbnails')];
    const sides = await Promise.all(
      SIDES.map(async (side) => ({
        data: (await this.file.read(side)) as Uint16Array,
        norms: (await this.file.read(`${side}_norms`)) as Float32Array,
        width: this.#spaces[side].width,
      })),
    );
    const [image, text] = sides.map(({ data, norms, width }) => (row: number) => {
      return { halves: data.subarray(row * width, (row + 1) * width), norm: norms[row]! };
    });
    return entries.map((entry, row) => ({
      entry,
      thumbnail: thumbnails[row]!,
      image: image!(row),
      text: text!(row),
    }));
  }

  close(): void {
    this.file.close();
  }

  async #all(name: 'entries' | 'thumbnails'): Promise<readonly Uint8Array[]> {
    const data = (await this.file.read(name)) as Uint8Array;
    const ends = (await this.file.read(`${name}_ends`)) as Uint32Array;
    return Array.from(ends, (end, row) => data.subarray(row === 0 ? 0 : ends[row - 1]!, end));
  }

  /** From the mapping, never the path: a later change may have replaced the file there. */
  async #pieces(name: 'entries' | 'thumbnails', rows: readonly number[]): Promise<readonly Uint8Array[]> {
    const all = await this.#all(name);
    return rows.map((row) => all[row]!);
  }

  #parse(line: Uint8Array): AnchorEntry {
    const entry = jsonOf(Buffer.from(line).toString('utf8'));
    const fields = ['id', 'caption', 'picture', 'hash'] as const;
    if (isObject(entry) && fields.every((field) => typeof entry[field] === 'string'))
      return entry as unknown as AnchorEntry;
    throw new WeftError('input/bad-file', {
      expected: 'anchors',
      path: this.file.path,
      reason: 'an entry is malformed',
    });
  }
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
