/** Pictures with captions as anchors: both halves through their encoders, batch by batch. Knows no family. */
import { createHash } from 'node:crypto';
import { toWeftError, WeftError } from '../errors.ts';
import type { CaptionedItem, CaptionedPicture } from '../files/captions/captioned-picture.ts';
import { decodeImage } from '../image/decode.ts';
import { previewImage } from '../image/preview.ts';
import type { Anchor } from '../models/free/anchor.ts';
import type { Task, TaskSignatures } from '../models/pipelines/task.ts';
import type { ImageValue } from '../protocol/value.ts';

export interface AnchorEncoders {
  readonly images: TaskSignatures['image-feature-extraction'];
  readonly texts: TaskSignatures['text-feature-extraction'];
  /** Longer side of the small pictures that are kept, pixels; 0 keeps none. */
  readonly thumbnail: number;
  readonly signal: AbortSignal;
}

export interface EncodingReport {
  /** Pairs that were encoded. */
  added: number;
  /** Pairs that were known already. */
  unchanged: number;
  /** Pictures that could not be used, and why the first of them could not. */
  skipped: number;
  firstError?: WeftError;
}

/** Pictures that are decoded and encoded together. */
const BATCH = 32;

/** What tells one state of a pair from another. */
export function pairHash(picture: CaptionedPicture, caption: string): string {
  return createHash('sha256').update(`${picture.hash}\0${caption}`).digest('hex').slice(0, 32);
}

/**
 * Every pair that `known` does not have in this state. A picture that cannot be decoded is skipped and reported. Throws
 * what the encoders throw.
 */
export async function* encodeAnchors(
  items: AsyncIterable<CaptionedItem>,
  known: ReadonlyMap<string, string>,
  encoders: AnchorEncoders,
  report: EncodingReport,
): AsyncGenerator<Anchor> {
  let waiting: Pending[] = [];
  for await (const item of items) {
    if (encoders.signal.aborted)
      throw new WeftError('run/cancelled', { reason: '' }, { cause: encoders.signal.reason });
    if ('error' in item) {
      skip(report, item.error);
      continue;
    }
    const pairs = item.captions.map(({ id, text }) => ({ id, caption: text, hash: pairHash(item, text) }));
    const fresh = pairs.filter(({ id, hash }) => known.get(id) !== hash);
    report.unchanged += pairs.length - fresh.length;
    if (fresh.length === 0) continue;
    const decoded = await decode(item, encoders.signal, report);
    if (decoded === undefined) continue;
    waiting.push({ key: item.key, image: decoded, pairs: fresh });
    if (waiting.length < BATCH) continue;
    yield* encodeBatch(waiting, encoders, report);
    waiting = [];
  }
  if (waiting.length > 0) yield* encodeBatch(waiting, encoders, report);
}

interface Pending {
  readonly key: string;
  readonly image: ImageValue;
  readonly pairs: readonly { readonly id: string; readonly caption: string; readonly hash: string }[];
}

async function decode(item: CaptionedPicture, signal: AbortSignal, report: EncodingReport) {
  try {
    return await decodeImage(await item.read(), { name: item.key, signal });
  } catch (thrown) {
    const error = toWeftError(thrown);
    if (error.code === 'run/cancelled') throw error;
    skip(report, error);
    return undefined;
  }
}

async function* encodeBatch(
  waiting: readonly Pending[],
  { images, texts, thumbnail, signal }: AnchorEncoders,
  report: EncodingReport,
): AsyncGenerator<Anchor> {
  const pictures = await images({ images: waiting.map(({ image }) => image) }, { signal });
  const captions = waiting.flatMap(({ pairs }) => pairs.map(({ caption }) => caption));
  const sentences = await inBatches(texts, captions, signal);
  let next = 0;
  for (const [index, { key, image, pairs }] of waiting.entries()) {
    const small = thumbnail === 0 ? new Uint8Array() : (await previewImage(image, thumbnail)).bytes;
    for (const pair of pairs) {
      report.added += 1;
      yield { ...pair, picture: key, image: pictures[index]!, text: sentences[next]!, thumbnail: small };
      next += 1;
    }
  }
}

async function inBatches(
  texts: Task<{ readonly texts: readonly string[] }, readonly Float32Array[]>,
  captions: readonly string[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let first = 0; first < captions.length; first += BATCH) {
    rows.push(...(await texts({ texts: captions.slice(first, first + BATCH) }, { signal })));
  }
  return rows;
}

function skip(report: EncodingReport, error: WeftError): void {
  report.skipped += 1;
  report.firstError ??= error;
}
