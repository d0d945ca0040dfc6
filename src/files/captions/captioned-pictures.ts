/**
 * Pictures with captions, from what a source names: a folder or glob of pictures with .txt files beside them, pictures with
 * one file of captions, or shards of a WebDataset. Lazily, in the order of the files. Must not decode anything.
 */
import { WeftError } from '../../errors.ts';
import { hasPictureExtension } from '../../protocol/picture-format.ts';
import type { FileAccess } from '../access.ts';
import type { SourceFile } from '../sources.ts';
import { type CaptionTable, captionLines, readCaptionTable } from './caption-table.ts';
import type { CaptionedItem } from './captioned-picture.ts';
import { webDatasetSamples } from './web-dataset.ts';

export interface CaptionedSource {
  /** Pictures, or shards. */
  readonly source: string;
  /** One file of captions for all pictures; left out: .txt files beside them. */
  readonly captions?: string | undefined;
  readonly signal: AbortSignal;
}

/** Throws what `FileAccess.sources` does, `input/bad-file` for captions that cannot be read, `input/empty` without any pair. */
export async function* captionedPictures(
  files: Pick<FileAccess, 'sources'>,
  { source, captions, signal }: CaptionedSource,
): AsyncGenerator<CaptionedItem> {
  const table = captions === undefined ? undefined : await readTable(files, captions, signal);
  const pictures: SourceFile[] = [];
  const texts = new Map<string, SourceFile>();
  let found = 0;
  for await (const item of files.sources(source, { accept: 'file', signal })) {
    const name = item.key.toLowerCase();
    if ('error' in item) yield item;
    else if (name.endsWith('.tar')) {
      for (const sample of samplesOf(item, await item.read())) {
        found += 1;
        yield sample;
      }
    } else if (hasPictureExtension(name)) pictures.push(item);
    else if (name.endsWith('.txt')) texts.set(stem(item.key), item);
  }
  for (const picture of pictures) {
    const own = table === undefined ? await besides(picture, texts) : inTable(picture.key, table);
    if (own.length === 0) continue;
    found += 1;
    yield { key: picture.key, hash: picture.hash, captions: own, read: () => picture.read() };
  }
  if (found === 0) throw new WeftError('input/empty', { what: 'pictures with captions', path: source });
}

/** A shard that is broken ends there; the others go on. */
function* samplesOf(shard: SourceFile, bytes: Uint8Array): Generator<CaptionedItem> {
  try {
    yield* webDatasetSamples(bytes, shard);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    yield { key: shard.key, error };
  }
}

async function readTable(
  files: Pick<FileAccess, 'sources'>,
  captions: string,
  signal: AbortSignal,
): Promise<CaptionTable> {
  for await (const item of files.sources(captions, { accept: 'file', signal })) {
    if ('error' in item) throw item.error;
    return readCaptionTable(await item.read(), item.key);
  }
  throw new WeftError('input/empty', { what: 'captions', path: captions });
}

async function besides(picture: SourceFile, texts: ReadonlyMap<string, SourceFile>) {
  const text = texts.get(stem(picture.key));
  return text === undefined ? [] : captionLines(Buffer.from(await text.read()).toString('utf8'), picture.key);
}

/** By the whole name, or without its folders: COCO's file names have none. */
function inTable(key: string, table: CaptionTable) {
  return table.get(key) ?? table.get(key.slice(key.lastIndexOf('/') + 1)) ?? [];
}

function stem(key: string): string {
  return key.replace(/\.[^./]*$/, '');
}
