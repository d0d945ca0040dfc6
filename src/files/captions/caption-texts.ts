/**
 * Captions alone, from what a source names: lines of .txt files, COCO's JSON, tables of name and caption, WebDataset shards.
 * Lazily, in the order of the files. Must not look at pictures.
 */
import { WeftError } from '../../errors.ts';
import type { FileAccess } from '../access.ts';
import { captionLines, readCaptionTable } from './caption-table.ts';
import { webDatasetSamples } from './web-dataset.ts';

export interface CaptionText {
  readonly id: string;
  readonly text: string;
}

/** Throws what `FileAccess.sources` does, `input/bad-file`, `input/empty` without any caption. */
export async function* captionTexts(
  files: Pick<FileAccess, 'sources'>,
  source: string,
  signal: AbortSignal,
): AsyncGenerator<CaptionText> {
  let found = 0;
  for await (const item of files.sources(source, { accept: 'file', signal })) {
    if ('error' in item) throw item.error;
    const read = readers.find(({ extensions }) => extensions.test(item.key))?.read;
    if (read === undefined) continue;
    for (const caption of read(await item.read(), item)) {
      found += 1;
      yield caption;
    }
  }
  if (found === 0) throw new WeftError('input/empty', { what: 'captions', path: source });
}

interface Reader {
  readonly extensions: RegExp;
  readonly read: (bytes: Uint8Array, file: { key: string; hash: string }) => Iterable<CaptionText>;
}

const readers: readonly Reader[] = [
  { extensions: /\.txt$/i, read: (bytes, { key }) => captionLines(Buffer.from(bytes).toString('utf8'), key) },
  { extensions: /\.(json|tsv)$/i, read: (bytes, { key }) => [...readCaptionTable(bytes, key).values()].flat() },
  { extensions: /\.tar$/i, read: captionsOfShard },
];

function* captionsOfShard(bytes: Uint8Array, shard: { key: string; hash: string }): Generator<CaptionText> {
  for (const sample of webDatasetSamples(bytes, shard)) {
    if ('error' in sample) throw sample.error;
    yield* sample.captions;
  }
}
