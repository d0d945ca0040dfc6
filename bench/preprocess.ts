/**
 * Encoded JPEG -> normalised CLIP tensor, against decoding alone and against the usual other ways.
 * `whole` starts from encoded bytes; `process` from decoded pictures.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { decodeImage } from '../src/image/decode.ts';
import { parseImageProcessor } from '../src/image/processor-config.ts';
import { drawnPhoto } from './harness/drawn-photo.ts';
import { interleave, type Rounds, type Timed, timed } from './harness/measure.ts';
import { reportLeftOut, reportMeasurement } from './harness/report.ts';
import { PythonPeer } from './peers/python.ts';
import { sharpAndJs } from './peers/sharp-and-js.ts';
import { loadTransformersJs } from './peers/transformers-js.ts';

const BENCH = 'preprocess';
const EDGE = 224;
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const STD = [0.26862954, 0.26130258, 0.27577711];
const CONFIG = {
  image_processor_type: 'CLIPImageProcessor',
  size: { shortest_edge: EDGE },
  crop_size: { height: EDGE, width: EDGE },
  image_mean: MEAN,
  image_std: STD,
};
const SIZES = [
  { width: 640, height: 480 },
  { width: 1920, height: 1080 },
];
const BATCHES = [1, 32];

const processor = parseImageProcessor(CONFIG, { model: 'bench' });

export async function run(): Promise<void> {
  for (const { width, height } of SIZES) {
    const bytes = await drawnPhoto(width, height);
    const python = await startPython(bytes);
    for (const batch of BATCHES) {
      const compare = comparison(`${width}x${height} x${batch}`, roundsFor(width, batch));
      await compareDecodeAlone(compare, bytes, batch);
      await compareSharpAndJs(compare, bytes, batch);
      await compareTransformersJs(compare, bytes, batch);
      if (python !== undefined) await comparePillow(compare, python, bytes, batch);
    }
    python?.peer.close();
  }
}

type Compare = (task: 'whole' | 'process', peer: string, ours: Timed, theirs: Timed) => Promise<void>;

function comparison(name: string, rounds: Rounds): Compare {
  return async (task, peer, ours, theirs) => {
    const timing = await interleave(ours, theirs, rounds);
    reportMeasurement({ bench: BENCH, case: `${task} ${name}`, peer, timing });
  };
}

function roundsFor(width: number, batch: number): Rounds {
  if (batch > 1) return { warmup: 2, count: width > 1000 ? 7 : 11 };
  // Twenty turns until V8 has compiled both sides.
  return { warmup: 20, count: width > 1000 ? 21 : 51 };
}

/** Our way: each picture is processed as soon as it is decoded. */
function whole(bytes: Uint8Array, batch: number): Timed {
  return timed(() => Promise.all(copies(batch, async () => processor.process([await decodeImage(bytes)]))));
}

async function compareDecodeAlone(compare: Compare, bytes: Uint8Array, batch: number): Promise<void> {
  const theirs = timed(() => Promise.all(copies(batch, () => sameSharpCall(bytes))));
  await compare('whole', 'decode alone (the identical sharp call)', whole(bytes, batch), theirs);
}

/** What src/image/decode.ts asks of sharp. */
function sameSharpCall(bytes: Uint8Array) {
  return sharp(bytes, { failOn: 'error', limitInputPixels: 2 ** 27, autoOrient: true, ignoreIcc: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
}

async function compareSharpAndJs(compare: Compare, bytes: Uint8Array, batch: number): Promise<void> {
  const theirs = timed(() => Promise.all(copies(batch, () => sharpAndJs(bytes, EDGE, MEAN, STD))));
  await compare('whole', 'sharp + JavaScript', whole(bytes, batch), theirs);
}

async function compareTransformersJs(compare: Compare, bytes: Uint8Array, batch: number): Promise<void> {
  const library = await loadTransformersJs();
  if (typeof library === 'string') {
    reportLeftOut(BENCH, 'transformers.js', library);
    return;
  }
  const theirProcessor = new library.CLIPImageProcessor({
    ...CONFIG,
    do_resize: true,
    resample: 3,
    do_center_crop: true,
    do_rescale: true,
    do_normalize: true,
    rescale_factor: 1 / 255,
  });
  const decode = () => library.RawImage.fromBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const name = 'transformers.js CLIPImageProcessor';
  const theirs = timed(async () => theirProcessor(await Promise.all(copies(batch, decode))));
  await compare('whole', name, whole(bytes, batch), theirs);
  const decoded = await decodeImage(bytes);
  const picture = new library.RawImage(decoded.data, decoded.width, decoded.height, 3);
  const ours = timed(() => processor.processBatch(copies(batch, () => decoded)));
  await compare(
    'process',
    name,
    ours,
    timed(() => theirProcessor(copies(batch, () => picture))),
  );
}

interface StartedPython {
  readonly peer: PythonPeer;
  readonly name: string;
}

async function startPython(bytes: Uint8Array): Promise<StartedPython | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-bench-'));
  const picture = join(folder, 'picture.jpg');
  await writeFile(picture, bytes);
  const script = join(import.meta.dirname, 'peers', 'pillow_clip.py');
  const started = await PythonPeer.start(script, [picture, String(EDGE)]);
  await rm(folder, { recursive: true });
  if (typeof started !== 'string') return { peer: started.peer, name: started.versions };
  reportLeftOut(BENCH, 'Pillow + transformers', started);
  return undefined;
}

async function comparePillow(compare: Compare, python: StartedPython, bytes: Uint8Array, batch: number): Promise<void> {
  const { peer, name } = python;
  await compare('whole', name, whole(bytes, batch), () => peer.time('whole', batch));
  const decoded = await decodeImage(bytes);
  const ours = timed(() => processor.processBatch(copies(batch, () => decoded)));
  await compare('process', name, ours, () => peer.time('process', batch));
}

function copies<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}
