/**
 * Samples of a WebDataset shard: files of a tar archive that share their name up to the first dot after its folder. A
 * sample needs a picture and a caption, in .txt, .caption or the "caption" or "text" of a .json. Pure.
 * Source: the format's description (webdataset/webdataset).
 */
import { createHash } from 'node:crypto';
import { WeftError } from '../../errors.ts';
import { hasPictureExtension } from '../../protocol/picture-format.ts';
import { captionLines } from './caption-table.ts';
import type { CaptionedItem, PictureCaption } from './captioned-picture.ts';
import { tarEntries } from './tar-entries.ts';

/** Samples without picture or caption are left out. Throws `input/bad-file`. */
export function* webDatasetSamples(archive: Uint8Array, { key: shard, hash }: { key: string; hash: string }) {
  const samples = new Map<string, Map<string, Uint8Array>>();
  for (const { name, bytes } of tarEntries(archive, shard)) {
    const [, stem, extension] = /^((?:.*\/)?[^/.]+)\.(.+)$/.exec(name) ?? [];
    if (stem === undefined || extension === undefined) continue;
    const parts = samples.get(stem) ?? new Map<string, Uint8Array>();
    parts.set(extension.toLowerCase(), bytes);
    samples.set(stem, parts);
  }
  for (const [stem, parts] of samples) {
    const picture = [...parts].find(([extension]) => hasPictureExtension(`x.${extension}`));
    if (picture !== undefined) yield* sampleOf(`${shard}/${stem}`, picture, parts, hash);
  }
}

function* sampleOf(
  sample: string,
  [extension, bytes]: readonly [string, Uint8Array],
  parts: ReadonlyMap<string, Uint8Array>,
  hash: string,
): Generator<CaptionedItem> {
  const key = `${sample}.${extension}`;
  try {
    const captions = captionsOf(parts, key);
    if (captions.length === 0) return;
    const digest = createHash('sha256').update(`${hash}\0${key}`).digest('hex');
    yield { key, hash: digest, captions, read: async () => bytes };
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    yield { key, error };
  }
}

function captionsOf(parts: ReadonlyMap<string, Uint8Array>, key: string): readonly PictureCaption[] {
  const plain = parts.get('txt') ?? parts.get('caption');
  if (plain !== undefined) return captionLines(Buffer.from(plain).toString('utf8'), key);
  const json = parts.get('json');
  if (json === undefined) return [];
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(json).toString('utf8'));
  } catch (cause) {
    throw new WeftError('input/bad-file', { expected: 'JSON', path: key, reason: 'it does not parse' }, { cause });
  }
  const { caption, text } = (typeof content === 'object' && content !== null ? content : {}) as Record<string, unknown>;
  const found = caption ?? text;
  return typeof found === 'string' ? captionLines(found, key) : [];
}
