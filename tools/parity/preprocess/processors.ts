/** Compares what image processors give, within the case's tolerance. */
import { WeftError } from '../../../src/errors.ts';
import { decodeImage } from '../../../src/image/decode.ts';
import { type ImageProcessor, type SourceImage, toRawImage } from '../../../src/image/processor.ts';
import { parseImageProcessor } from '../../../src/image/processor-config.ts';
import type { Reference } from '../case-tensors.ts';
import { difference, type Numbers, type Tolerance } from '../compare.ts';
import type { Outcome } from '../outcome.ts';
import { type CaseFiles, needed } from './case-files.ts';
import type { ProcessorEntry, ProcessorOutput } from './case-format.ts';
import { cutFrames } from './frames.ts';
import { openedImage } from './opened-image.ts';

type Field = { readonly data: Numbers; readonly shape: readonly number[] };

export async function* compareProcessed(
  files: CaseFiles,
  entries: readonly ProcessorEntry[],
  tolerance: Tolerance,
): AsyncIterable<Outcome> {
  const find = await files.references('processors.safetensors');
  for (const entry of entries) {
    const run = (names: readonly string[]) => runBatch(files, entry, names);
    if (entry.error !== undefined) {
      yield await expectError(`processor ${entry.name}`, entry.error, () => run(entry.images));
    } else if (entry.batch === true) {
      yield* compareFields(entry, await attempt(() => run(entry.images)), find, tolerance);
    } else {
      for (const [image, output] of Object.entries(entry.outputs)) {
        yield await compareOne(`processor ${entry.name}/${image}`, output, () => run([image]), find, tolerance);
      }
    }
  }
}

async function compareOne(
  id: string,
  output: ProcessorOutput,
  run: () => Promise<ReadonlyMap<string, Field>>,
  find: (key: string) => Reference | undefined,
  tolerance: Tolerance,
): Promise<Outcome> {
  if (output.error !== undefined) return expectError(id, output.error, run);
  const fields = await attempt(run);
  if (fields instanceof WeftError) return { id, status: 'failed', note: fields.message };
  const batch = fields.get('pixel_values') as Field;
  const ours = { data: batch.data, shape: batch.shape.slice(1) };
  const note = difference(ours, needed(find, output.key ?? ''), tolerance);
  if (note === undefined) return { id, status: 'passed' };
  if (output.quirk === undefined) return { id, status: 'failed', note };
  return { id, status: 'skipped', note: `quirk (${output.quirk}), the picture is decoded otherwise: ${note}` };
}

async function* compareFields(
  entry: ProcessorEntry,
  fields: ReadonlyMap<string, Field> | WeftError,
  find: (key: string) => Reference | undefined,
  tolerance: Tolerance,
): AsyncIterable<Outcome> {
  for (const [name, output] of Object.entries(entry.outputs)) {
    const id = `processor ${entry.name}/${name}`;
    if (fields instanceof WeftError) {
      yield { id, status: 'failed', note: fields.message };
      continue;
    }
    const ours = fields.get(name);
    const note =
      ours === undefined
        ? `the processor gives no ${name}`
        : difference(ours, needed(find, output.key ?? ''), tolerance);
    yield note === undefined ? { id, status: 'passed' } : { id, status: 'failed', note };
  }
}

/** Where transformers fails, an error of our own catalogue is the right answer. */
async function expectError(id: string, reference: string, run: () => Promise<unknown>): Promise<Outcome> {
  if (reference.startsWith('ImportError')) {
    return { id, status: 'skipped', note: `no reference was made (${reference})` };
  }
  const result = await attempt(run);
  if (!(result instanceof WeftError)) {
    return { id, status: 'failed', note: `expected an error (transformers: ${reference}), received a result` };
  }
  return { id, status: 'passed', note: `error as expected: ${result.code}: ${result.message}` };
}

/** The error of our catalogue, or the result; anything else thrown is a defect and goes on. */
async function attempt<T>(run: () => Promise<T>): Promise<T | WeftError> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown;
    throw thrown;
  }
}

async function runBatch(
  files: CaseFiles,
  entry: ProcessorEntry,
  names: readonly string[],
): Promise<ReadonlyMap<string, Field>> {
  const config = { ...entry.preprocessor_config, ...entry.call };
  const processor = parseImageProcessor(config, { model: entry.name });
  const pictures = await Promise.all(names.map((name) => pictureOf(files, entry, name, processor.convertsToRgb)));
  if (entry.frames === undefined) return fieldsOf(processor, pictures, []);
  const [first] = pictures;
  const frames = cutFrames(toRawImage(first as SourceImage, false), entry.frames);
  return fieldsOf(processor, frames, [1]);
}

async function pictureOf(
  files: CaseFiles,
  entry: ProcessorEntry,
  name: string,
  converts: boolean,
): Promise<SourceImage> {
  const bytes = await files.picture(name);
  if (!entry.input.startsWith('Image.open')) return decodeImage(bytes, { name });
  if (converts) return decodeImage(bytes, { name, orient: false });
  const { image, mode } = await openedImage(bytes, name);
  if (image !== undefined) return image;
  throw new WeftError('input/bad-image', { name, reason: `mode ${mode} has more than 8 bits a sample` });
}

/** Names and shapes of transformers; `leading` axes are put before the batch (a video is a batch of frames). */
async function fieldsOf(
  processor: ImageProcessor,
  pictures: readonly SourceImage[],
  leading: readonly number[],
): Promise<ReadonlyMap<string, Field>> {
  const batch = await processor.processBatch(pictures);
  const [images, , height, width] = batch.shape;
  const fields = new Map<string, Field>([
    ['pixel_values', { data: batch.pixelValues, shape: [...leading, ...batch.shape] }],
  ]);
  if (batch.pixelMask !== undefined) {
    fields.set('pixel_mask', { data: batch.pixelMask, shape: [...leading, images, height, width] });
  }
  const codes = batch.codebookPixels;
  if (codes !== undefined) {
    fields.set('codebook_pixel_values', { data: codes.pixelValues, shape: [...leading, ...codes.shape] });
  }
  return fields;
}
