/**
 * A collection of anchors on disk, as it is at one moment: rows to be searched where they lie, and what they stand for.
 * Later changes do not touch it. Must not change anything (anchor-changes.ts).
 */
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import type { AnchorEntry, AnchorSide, AnchorSpace, AnchorSpaces } from './anchor.ts';
import { type AnchorManifest, readManifest } from './anchor-manifest.ts';
import { AnchorSegment } from './anchor-segment.ts';
import type { AnchorRows } from './asif.ts';

export class AnchorIndex {
  readonly name: string;
  readonly spaces: AnchorSpaces;
  /** How many anchors there are. */
  readonly count: number;
  readonly #segments: readonly AnchorSegment[];

  private constructor(name: string, spaces: AnchorSpaces, segments: readonly AnchorSegment[]) {
    this.name = name;
    this.spaces = spaces;
    this.#segments = segments;
    this.count = segments.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Rejects with `input/not-found` where no collection is, `input/bad-file`. */
  static async open(folder: string, name: string): Promise<AnchorIndex> {
    for (let revision: string | undefined; ; ) {
      const manifest = await readManifest(folder);
      if (manifest === undefined)
        throw new WeftError('input/not-found', { path: `the collection of anchors "${name}"` });
      try {
        return new AnchorIndex(name, manifest, await openSegments(folder, manifest));
      } catch (error) {
        // A writer may have replaced files between the manifest and them: then the manifest is another one, too.
        if (manifest.revision === revision) throw error;
        revision = manifest.revision;
      }
    }
  }

  /** One side's vectors. */
  rows(side: AnchorSide): AnchorRows {
    return this.#segments.map(({ file }) => ({ file, name: side, norms: `${side}_norms` }));
  }

  /**
   * Throws `run/bad-input` for an empty collection and for vectors of another space than that side's.
   * @param socket where they came in
   */
  expectSpace(side: AnchorSide, { space, width }: AnchorSpace, socket: string): void {
    const known = this.spaces[side];
    if (this.count === 0) {
      throw new WeftError('run/bad-input', { expected: 'at least one anchor', socket: 'anchors', received: 'none' });
    }
    if (known.space === space && known.width === width) return;
    const expected = `embeddings of space "${known.space}" [${known.width}], in which the anchors "${this.name}" have their ${side}s`;
    throw new WeftError('run/bad-input', { expected, socket, received: `one of space "${space}" [${width}]` });
  }

  /** What some anchors are, in the order of their places. Rejects with `input/bad-file`. */
  entries(places: readonly number[]): Promise<readonly AnchorEntry[]> {
    return this.#collect(places, (segment, rows) => segment.entries(rows));
  }

  /** Their small pictures, encoded; empty where there is none. Rejects with `input/bad-file`. */
  thumbnails(places: readonly number[]): Promise<readonly Uint8Array[]> {
    return this.#collect(places, (segment, rows) => segment.thumbnails(rows));
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  async #collect<Item>(
    places: readonly number[],
    read: (segment: AnchorSegment, rows: readonly number[]) => Promise<readonly Item[]>,
  ): Promise<readonly Item[]> {
    const found = new Map<number, Item>();
    let first = 0;
    for (const segment of this.#segments) {
      const own = places.filter((place) => place >= first && place < first + segment.rows);
      const start = first;
      const items =
        own.length === 0
          ? []
          : await read(
              segment,
              own.map((place) => place - start),
            );
      for (const [index, place] of own.entries()) found.set(place, items[index]!);
      first += segment.rows;
    }
    return places.map((place) => found.get(place)!);
  }
}

async function openSegments(folder: string, manifest: AnchorManifest): Promise<readonly AnchorSegment[]> {
  const segments: AnchorSegment[] = [];
  try {
    for (const { file, rows } of manifest.segments) {
      segments.push(await AnchorSegment.open(join(folder, file), rows, manifest));
    }
    return segments;
  } catch (error) {
    for (const segment of segments) segment.close();
    throw error;
  }
}
