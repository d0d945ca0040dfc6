/**
 * The temperature of a contrastive model: exp(logit_scale), read from its weights without loading them.
 * Source: CLIP (Radford et al. 2021), where `logit_scale` is stored as the logarithm. Safetensors layout: 8 bytes
 * little-endian header length, JSON header, data.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../errors.ts';
import { bfloatToFloat, halfToFloat } from './half-float.ts';
import { isObject, type JsonObject, readJson } from './read-json.ts';

const TENSOR = 'logit_scale';
/** The format's own limit for a header. */
const HEADER_LIMIT = 100_000_000;
/** What transformers starts training with where config.json says nothing: ln(1 / 0.07), rounded as there. */
const DEFAULT_INITIAL = 2.6592;

/** exp(logit_scale) of the weights, else of config.json's `logit_scale_init_value`. Throws `model/bad-config`. */
export async function readLogitScale(folder: string, config: JsonObject, model: string): Promise<number> {
  const stored = await storedScale(folder, model);
  if (stored !== undefined) return Math.exp(stored);
  const initial = config.logit_scale_init_value;
  return Math.exp(typeof initial === 'number' && Number.isFinite(initial) ? initial : DEFAULT_INITIAL);
}

async function storedScale(folder: string, model: string): Promise<number | undefined> {
  const index = await readJson(folder, 'model.safetensors.index.json', model);
  const map = isObject(index?.weight_map) ? index.weight_map : {};
  const shard = map[TENSOR];
  const file = typeof shard === 'string' && /^[\w.-]+\.safetensors$/.test(shard) ? shard : 'model.safetensors';
  const handle = await open(join(folder, file), 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    return await scalarOf(handle, (expected, received) => {
      return new WeftError('model/bad-config', { model, file, expected, received });
    });
  } finally {
    await handle.close();
  }
}

type Complaint = (expected: string, received: string) => WeftError;

async function scalarOf(handle: FileHandle, bad: Complaint): Promise<number | undefined> {
  const { size } = await handle.stat();
  const length = size < 8 ? 0 : Number((await bytesAt(handle, 0, 8)).readBigUInt64LE());
  if (length < 2 || length > HEADER_LIMIT || 8 + length > size)
    throw bad('a safetensors header', `${length} bytes of it`);
  const entry = headerOf(await bytesAt(handle, 8, length), bad)[TENSOR];
  if (entry === undefined) return undefined;
  const { dtype, data_offsets: offsets } = isObject(entry) ? entry : {};
  const reader = READERS[String(dtype)];
  const [start, end] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (reader === undefined || typeof start !== 'number' || end !== start + reader.bytes || 8 + length + end > size) {
    throw bad(`one float "${TENSOR}"`, JSON.stringify(entry).slice(0, 200));
  }
  return reader.read(await bytesAt(handle, 8 + length + start, reader.bytes));
}

const READERS: Readonly<Record<string, { bytes: number; read: (data: Buffer) => number }>> = {
  F64: { bytes: 8, read: (data) => data.readDoubleLE() },
  F32: { bytes: 4, read: (data) => data.readFloatLE() },
  F16: { bytes: 2, read: (data) => halfToFloat(data.readUInt16LE()) },
  BF16: { bytes: 2, read: (data) => bfloatToFloat(data.readUInt16LE()) },
};

function headerOf(bytes: Buffer, bad: Complaint): JsonObject {
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw bad('a safetensors header', 'text that does not parse');
  }
  if (isObject(header)) return header;
  throw bad('a safetensors header', 'no JSON object');
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer;
}
