/**
 * Adds anchors to a collection and takes them out. Both write new segments beside the old ones, then replace the
 * manifest: a process that dies on the way has changed nothing. What is taken out is in no file afterwards, so a
 * collection is what it would be had the anchor never been there. One writer at a time; readers go on with what they have.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { withFileLock } from '../hub/file-lock.ts';
import { type Anchor, type AnchorSide, type AnchorSpace, type AnchorSpaces, halved, SIDES } from './anchor.ts';
import { type AnchorManifest, readManifest, type SegmentFile, writeManifest } from './anchor-manifest.ts';
import { AnchorSegment, encodeEntry, type SegmentRow, writeSegment } from './anchor-segment.ts';

/** Rows of one segment: small enough to be written again within tens of milliseconds when one of them goes. */
const SEGMENT_ROWS = 8192;

export interface ChangeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Before anything is encoded, only the spaces are known. */
type GivenSpaces = { readonly [Side in AnchorSide]: Pick<AnchorSpace, 'space'> & Partial<AnchorSpace> };

/** Opens a collection for one change after the other; made where there is none. */
export class AnchorChanges {
  readonly #folder: string;
  readonly #name: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  /** Hashes by id of all that is there. Rejects with `input/bad-file`. */
  async known(): Promise<ReadonlyMap<string, string>> {
    return await this.#idsOf(await readManifest(this.#folder));
  }

  /** Rejects with `run/bad-parameter` when it has anchors of other spaces than `spaces`, `input/bad-file`. */
  async expectSpaces(spaces: GivenSpaces): Promise<void> {
    this.#expectSpaces(await readManifest(this.#folder), spaces);
  }

  /**
   * Puts anchors in; one whose id is there takes its place. Every few thousand are a change of their own: what was added
   * stays when a later one fails, so that a long build goes on where it stopped. Returns how many there are now. Rejects with
   * `run/bad-parameter` for anchors of other spaces, `input/bad-file`, `input/not-writable`, `run/cancelled`, and what
   * `anchors` throws.
   */
  async add(spaces: AnchorSpaces, anchors: AsyncIterable<Anchor>, { signal }: ChangeOptions = {}): Promise<number> {
    let known: { revision: string | undefined; ids: Set<string> } | undefined;
    const rows = new Map<string, SegmentRow>();
    const flush = () =>
      this.#change(
        signal,
        async (manifest) => {
          this.#expectSpaces(manifest, spaces);
          // Somebody else may have changed it since.
          if (known === undefined || known.revision !== manifest?.revision) {
            known = { revision: manifest?.revision, ids: new Set((await this.#idsOf(manifest)).keys()) };
          }
          const replaced = new Set([...rows.keys()].filter((id) => known!.ids.has(id)));
          const kept =
            replaced.size > 0
              ? await this.#without((id) => replaced.has(id), manifest)
              : [...(manifest?.segments ?? [])];
          // Small segments are joined: a collection that grows one by one must not become a thousand files.
          const joined = (kept.at(-1)?.rows ?? SEGMENT_ROWS) + rows.size <= SEGMENT_ROWS ? kept.pop() : undefined;
          const before = joined === undefined ? [] : await this.#read(joined, spaces);
          const made = await this.#write([...before, ...rows.values()], spaces);
          for (const id of rows.keys()) known.ids.add(id);
          rows.clear();
          return { spaces, segments: [...kept, made] };
        },
        (revision) => {
          known!.revision = revision;
        },
      );
    for await (const anchor of anchors) {
      throwIfAborted(signal);
      const { thumbnail, image, text } = anchor;
      rows.set(anchor.id, { entry: encodeEntry(anchor), thumbnail, image: halved(image), text: halved(text) });
      if (rows.size >= SEGMENT_ROWS) await flush();
    }
    if (rows.size > 0) await flush();
    return countOf(await readManifest(this.#folder));
  }

  /**
   * Takes out every anchor that `matches`. Returns how many there are now. Rejects with `input/bad-file`,
   * `input/not-writable`, `run/cancelled`.
   */
  async remove(matches: (id: string) => boolean, { signal }: ChangeOptions = {}): Promise<number> {
    await this.#change(signal, async (manifest) => {
      if (manifest === undefined) return undefined;
      const segments = await this.#without(matches, manifest);
      return countOf({ segments }) === countOf(manifest) ? undefined : { spaces: manifest, segments };
    });
    return countOf(await readManifest(this.#folder));
  }

  async #idsOf(manifest: AnchorManifest | undefined): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    for (const { file, rows } of manifest?.segments ?? []) {
      const segment = await AnchorSegment.open(join(this.#folder, file), rows, manifest!);
      for (const { id, hash } of await segment.allEntries()) ids.set(id, hash);
      segment.close();
    }
    return ids;
  }

  /** The segments without what matches: those that hold none of it stay as they are. */
  async #without(matches: (id: string) => boolean, manifest: AnchorManifest | undefined): Promise<SegmentFile[]> {
    const kept: SegmentFile[] = [];
    for (const file of manifest?.segments ?? []) {
      const segment = await AnchorSegment.open(join(this.#folder, file.file), file.rows, manifest!);
      const stay = (await segment.allEntries()).map(({ id }) => !matches(id));
      if (stay.every(Boolean)) kept.push(file);
      else if (stay.some(Boolean)) {
        const rows = (await segment.read()).filter((_, row) => stay[row]);
        kept.push(await this.#write(rows, manifest!));
      }
      segment.close();
    }
    return kept;
  }

  async #read({ file, rows }: SegmentFile, spaces: AnchorSpaces): Promise<readonly SegmentRow[]> {
    const segment = await AnchorSegment.open(join(this.#folder, file), rows, spaces);
    const read = await segment.read();
    segment.close();
    return read;
  }

  async #write(rows: readonly SegmentRow[], spaces: AnchorSpaces): Promise<SegmentFile> {
    const file = `${randomUUID()}.safetensors`;
    await writeSegment(join(this.#folder, file), rows, spaces);
    return { file, rows: rows.length };
  }

  /** `change` gives the new state, or undefined to leave it. Files that no manifest names go afterwards. */
  async #change(
    signal: AbortSignal | undefined,
    change: (
      manifest: AnchorManifest | undefined,
    ) => Promise<{ spaces: AnchorSpaces; segments: readonly SegmentFile[] } | undefined>,
    onChanged: (revision: string) => void = () => {},
  ): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await withFileLock(join(this.#folder, 'lock'), signal, async () => {
        try {
          const made = await change(await readManifest(this.#folder));
          if (made !== undefined) onChanged(await writeManifest(this.#folder, made.spaces, made.segments));
        } finally {
          await this.#sweep();
        }
      });
    } catch (cause) {
      if (cause instanceof WeftError) throw cause;
      throwIfAborted(signal);
      const { code } = cause as NodeJS.ErrnoException;
      if (typeof code !== 'string') throw cause;
      const path = `the collection of anchors "${this.#name}"`;
      throw new WeftError('input/not-writable', { path, reason: `the system says ${code}` }, { cause });
    }
  }

  /** A reader keeps what it has mapped; where the system forbids to remove that, the next change tries again. */
  async #sweep(): Promise<void> {
    const manifest = await readManifest(this.#folder);
    const named = new Set(manifest?.segments.map(({ file }) => file));
    for (const file of await readdir(this.#folder)) {
      const isOurs = file.endsWith('.safetensors') || file.endsWith('.partial');
      if (isOurs && !named.has(file)) await rm(join(this.#folder, file), { force: true }).catch(() => undefined);
    }
  }

  #expectSpaces(manifest: AnchorManifest | undefined, spaces: GivenSpaces): void {
    for (const side of SIDES) {
      const there = manifest?.[side];
      const { space, width = there?.width } = spaces[side];
      if (there === undefined || (there.space === space && there.width === width)) continue;
      throw new WeftError('run/bad-parameter', {
        expected: `a model of space "${there.space}" [${there.width}], as the anchors "${this.#name}" have their ${side}s in`,
        param: `${side}Model`,
        received: `one of space "${space}"${spaces[side].width === undefined ? '' : ` [${width}]`}`,
      });
    }
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WeftError('run/cancelled', { reason: '' }, { cause: signal.reason });
}

function countOf(manifest: Pick<AnchorManifest, 'segments'> | undefined): number {
  return manifest?.segments.reduce((sum, { rows }) => sum + rows, 0) ?? 0;
}
