/** Compares resized pictures, byte for byte. */
import { decodeImage } from '../../../src/image/decode.ts';
import { toRawImage } from '../../../src/image/processor.ts';
import { type RawImage, type ResizeFilter, type ResizeStep, resize } from '../../../src/native/image.ts';
import { difference, EQUAL } from '../compare.ts';
import type { Outcome } from '../outcome.ts';
import { type CaseFiles, needed } from './case-files.ts';
import type { ResizeEntry } from './case-format.ts';
import { arrayShape, openedImage } from './opened-image.ts';

export async function* compareResized(files: CaseFiles, entries: readonly ResizeEntry[]): AsyncIterable<Outcome> {
  const find = await files.references('resize.safetensors');
  for (const entry of entries) {
    const id = `resize ${entry.key}`;
    const source = await sourceOf(files, entry);
    if (source === undefined) {
      yield { id, status: 'skipped', note: `Weft resizes 8-bit pictures, this one has mode ${entry.mode}` };
      continue;
    }
    const result = await resize(source, stepOf(entry));
    const note = difference({ data: result.data, shape: arrayShape(result) }, needed(find, entry.key), EQUAL);
    yield note === undefined ? { id, status: 'passed' } : { id, status: 'failed', note };
  }
}

async function sourceOf(files: CaseFiles, entry: ResizeEntry): Promise<RawImage | undefined> {
  const bytes = await files.picture(entry.image);
  if (entry.mode === 'RGB') return toRawImage(await decodeImage(bytes, { name: entry.image }), true);
  return (await openedImage(bytes, entry.image)).image;
}

function stepOf({ mode, width, height, filter, reducing_gap: gap, box }: ResizeEntry): ResizeStep {
  // Pillow never interpolates palette indices or bits.
  const chosen = mode === 'P' || mode === '1' ? 'nearest' : (filter.toLowerCase() as ResizeFilter);
  const step: ResizeStep = { width, height, filter: chosen };
  if (gap !== null) step.reducingGap = gap;
  if (box !== null) step.box = box;
  return step;
}
