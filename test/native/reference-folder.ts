/** A folder of Pillow's own results (case.json with safetensors): its resize entries as pictures, steps and bytes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreprocessPlan, RawImage, ResizeFilter, ResizeStep } from '../../src/native/image.ts';
import { readPaletteIndices } from './palette-png.ts';
import { type ReferenceTensor, readReferenceTensors } from './safetensors-file.ts';

interface CaseFile {
  readonly resize: readonly {
    readonly key: string;
    readonly image: string;
    readonly mode: string;
    readonly width: number;
    readonly height: number;
    readonly filter: string;
    readonly reducing_gap: number | null;
    readonly box: [number, number, number, number] | null;
  }[];
  readonly plans?: readonly { readonly key: string; readonly image: string; readonly plan: PreprocessPlan }[];
}

export interface ReferenceResize {
  readonly name: string;
  readonly image: RawImage;
  readonly step: ResizeStep;
  readonly expected: Uint8Array;
}

export interface ReferencePlan {
  readonly name: string;
  readonly image: RawImage;
  readonly plan: PreprocessPlan;
  readonly expected: Float32Array;
}

export async function readReferenceResizes(folder: string): Promise<ReferenceResize[]> {
  const decoded = await readReferenceTensors(join(folder, 'decode.safetensors'));
  const resized = await readReferenceTensors(join(folder, 'resize.safetensors'));
  return readCase(folder).resize.map((entry) => {
    // Pillow resizes palette pictures by their indices, with NEAREST whatever was asked.
    const isPalette = entry.mode === 'P';
    const kind = entry.mode === 'RGB' ? 'rgb' : 'raw';
    const image = isPalette
      ? readPaletteIndices(join(folder, 'images', entry.image))
      : imageOf(decoded.get(`${entry.image}/${kind}`));
    const filter = isPalette ? 'nearest' : (entry.filter.toLowerCase() as ResizeFilter);
    const step: ResizeStep = { width: entry.width, height: entry.height, filter };
    if (entry.box !== null) step.box = entry.box;
    if (entry.reducing_gap !== null) step.reducingGap = entry.reducing_gap;
    return { name: entry.key, image, step, expected: resized.get(entry.key)!.data as Uint8Array };
  });
}

export async function readReferencePlans(folder: string): Promise<ReferencePlan[]> {
  const decoded = await readReferenceTensors(join(folder, 'decode.safetensors'));
  const planned = await readReferenceTensors(join(folder, 'plans.safetensors'));
  return (readCase(folder).plans ?? []).map(({ key, image, plan }) => {
    const source = imageOf(decoded.get(`${image}/rgb`) ?? decoded.get(`${image}/raw`));
    return { name: key, image: source, plan, expected: planned.get(key)!.data as Float32Array };
  });
}

function readCase(folder: string): CaseFile {
  return JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as CaseFile;
}

function imageOf(tensor: ReferenceTensor | undefined): RawImage {
  const [height, width, channels = 1] = tensor!.shape;
  return { data: tensor!.data as Uint8Array, width: width!, height: height!, channels: channels as 1 | 2 | 3 | 4 };
}
