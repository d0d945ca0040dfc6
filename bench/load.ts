/**
 * Loading a model of 340 MB (twelve blocks of the width of ViT-B) up to its first result: built from the packed weights
 * on disk, against packing them anew; with the files in the system's cache, and without. Then whole families, each in a
 * process of its own that tells its memory.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setPackedFolder, storePacked } from '../src/native/packed-weights.ts';
import { Stack } from '../src/native/stack.ts';
import type { LinearSpec, Precision, StackSpec } from '../src/native/stack-spec.ts';
import { Tensor } from '../src/native/tensor.ts';
import { NativeWeightFile } from '../src/native/weights.ts';
import { loadFamilies } from './engine/family-loads.ts';
import { chosen } from './harness/chosen.ts';
import { interleave, type Timed, timed } from './harness/measure.ts';
import { reportFigure, reportLeftOut, reportMeasurement } from './harness/report.ts';
import { randomUniform } from './models/random.ts';

const [WIDTH, INNER, LAYERS, ROWS] = [768, 3072, 12, 50];
const MOST_BYTES = 2 ** 32;

const PRECISIONS: Precision[] = ['fp32', 'bf16', 'int8'];

export async function run(): Promise<void> {
  const precisions = PRECISIONS.filter((precision) => chosen(`packed weights, ${precision}`));
  if (precisions.length > 0) await comparePacked(precisions);
  await loadFamilies();
}

async function comparePacked(precisions: readonly Precision[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bench-load-'));
  try {
    const model = join(folder, 'model.safetensors');
    writeFileSync(model, checkpoint());
    const hash = createHash('sha256').update(readFileSync(model)).digest('hex');
    for (const precision of precisions) {
      await compare({ model, hash, packed: join(folder, precision), precision });
    }
  } finally {
    setPackedFolder(folder, 0);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Case {
  readonly model: string;
  readonly hash: string;
  readonly packed: string;
  readonly precision: Precision;
}

async function compare(one: Case): Promise<void> {
  const { model, packed, precision } = one;
  setPackedFolder(packed, MOST_BYTES);
  await load(one);
  const storing = await timed(storePacked)();
  const files = readdirSync(packed).map((name) => join(packed, name));
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const named = { bench: 'load', case: `packed weights, ${precision}` };
  reportFigure({ ...named, model_bytes: statSync(model).size, packed_bytes: bytes, storing_ms: Math.round(storing) });
  const withCache = (mostBytes: number): Timed => {
    const run = timed(() => load(one));
    return () => {
      setPackedFolder(packed, mostBytes);
      return run();
    };
  };
  const [ours, peer] = [withCache(MOST_BYTES), withCache(0)];
  const warm = await interleave(ours, peer, { warmup: 1, count: 9 });
  reportMeasurement({ bench: 'load', case: `${precision}, files in memory`, peer: 'packing anew', timing: warm });
  if (!forget([model])) {
    reportLeftOut('load', `${precision}, files on disk`, 'dd cannot drop a file from the cache of the system here');
    return;
  }
  const cold = (run: Timed): Timed => {
    return () => {
      forget([model, ...files]);
      return run();
    };
  };
  const timing = await interleave(cold(ours), cold(peer), { warmup: 1, count: 5 });
  reportMeasurement({ bench: 'load', case: `${precision}, files on disk`, peer: 'packing anew', timing });
}

async function load({ model, hash, precision }: Case): Promise<void> {
  const file = await NativeWeightFile.open(model);
  file.identify(hash);
  const stack = await Stack.build(specOf(file), { precision });
  file.close();
  const rows = Tensor.from(randomUniform(1, ROWS * WIDTH, 1), [1, ROWS, WIDTH]);
  const { hidden } = await stack.run({ rows });
  hidden?.release();
  rows.release();
  stack.release();
}

/** Takes files out of the system's cache. */
function forget(files: readonly string[]): boolean {
  return files.every((path) => spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']).status === 0);
}

const SHAPES = { qkv: [3 * WIDTH, WIDTH], output: [WIDTH, WIDTH], up: [INNER, WIDTH], down: [WIDTH, INNER] } as const;

function checkpoint(): Uint8Array {
  const header: Record<string, object> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  for (let layer = 0; layer < LAYERS; layer += 1) {
    for (const [name, [outputs, inputs]] of Object.entries(SHAPES)) {
      const numbers = randomUniform(layer + 1, outputs * inputs, 0.03);
      const data_offsets = [end, end + numbers.byteLength];
      header[`${layer}.${name}`] = { dtype: 'F32', shape: [outputs, inputs], data_offsets };
      parts.push(new Uint8Array(numbers.buffer));
      end += numbers.byteLength;
    }
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

function specOf(file: NativeWeightFile): StackSpec {
  const layers = Array.from({ length: LAYERS }, (_, layer) => {
    const linear = (name: keyof typeof SHAPES): LinearSpec => ({
      weight: { file, name: `${layer}.${name}`, shape: SHAPES[name] },
    });
    return [
      { selfAttention: { heads: 12, qkv: linear('qkv'), output: linear('output') } },
      { feedForward: { up: linear('up'), down: linear('down'), activation: 'gelu' as const } },
    ];
  });
  return { name: 'blocks', width: WIDTH, layers };
}
