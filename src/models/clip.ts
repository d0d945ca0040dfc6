/**
 * CLIP-style models: two towers, pictures and texts into one space. Runs the ONNX export that transformers.js
 * repositories carry (`onnx/vision_model.onnx`, `onnx/text_model.onnx`).
 * Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision (2021).
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../errors.ts';
import type { ImageProcessor } from '../image/processor.ts';
import { parseImageProcessor } from '../image/processor-config.ts';
import type { TensorValue } from '../protocol/value.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import { readLogitScale } from './logit-scale.ts';
import type { OnnxPool } from './onnx/pool.ts';
import type { OnnxSession } from './onnx/session.ts';
import { isObject, type JsonObject, requireJson } from './read-json.ts';
import { Tower } from './tower.ts';

export interface ClipIdentity {
  /** How errors name the model. */
  readonly ref: string;
  /** Identity of its embedding space (ModelInfo.space). */
  readonly space: string;
}

export interface EncodeCall {
  readonly signal?: AbortSignal;
}

const PULL_HINT =
  'Pull a repository with ONNX files (those for transformers.js have them), or export both towers to ONNX.';
/** What transformers takes when config.json leaves it out. */
const DEFAULT_POSITIONS = 77;
/** More at once gains nothing and costs memory: activations grow with it. */
const PICTURES_PER_RUN = 16;
const TEXTS_PER_RUN = 64;

export class ClipModel {
  readonly ref: string;
  readonly space: string;
  /** exp(logit_scale): cosines times this are the logits. */
  readonly logitScale: number;
  /** Makes this model's input tensors from pictures. */
  readonly processor: ImageProcessor;
  readonly tokenizer: Tokenizer;
  readonly #vision: Tower;
  readonly #text: Tower;
  readonly #positions: number;

  private constructor(parts: {
    identity: ClipIdentity;
    logitScale: number;
    processor: ImageProcessor;
    tokenizer: Tokenizer;
    vision: OnnxSession;
    text: OnnxSession;
    positions: number;
  }) {
    this.ref = parts.identity.ref;
    this.space = parts.identity.space;
    this.logitScale = parts.logitScale;
    this.processor = parts.processor;
    this.tokenizer = parts.tokenizer;
    this.#positions = parts.positions;
    this.#vision = new Tower(parts.vision, { output: 'image_embeds', perRun: PICTURES_PER_RUN });
    this.#text = new Tower(parts.text, { output: 'text_embeds', perRun: TEXTS_PER_RUN });
  }

  /** Throws `model/missing-file`, `model/bad-config`, `model/unsupported`, and what `OnnxPool.session` throws. */
  static async load(folder: string, pool: Pick<OnnxPool, 'session'>, identity: ClipIdentity): Promise<ClipModel> {
    const { ref } = identity;
    const config = await requireJson(folder, 'config.json', ref, 'Pull the model again: every repository has one.');
    const preprocessing = await requireJson(
      folder,
      'preprocessor_config.json',
      ref,
      'Pull the model again, or copy the file from its repository.',
    );
    const [vision, text, tokenizer, logitScale] = await Promise.all([
      openTower(folder, 'onnx/vision_model.onnx', pool, ref),
      openTower(folder, 'onnx/text_model.onnx', pool, ref),
      loadTokenizer(folder, ref),
      readLogitScale(folder, config, ref),
    ]);
    const processor = parseImageProcessor(preprocessing, { model: ref, modelType: 'clip' });
    const positions = Math.min(positionsOf(config), tokenizer.maxLength ?? Number.POSITIVE_INFINITY);
    return new ClipModel({ identity, logitScale, processor, tokenizer, vision, text, positions });
  }

  /** Width of the embeddings. */
  get dim(): number | undefined {
    return this.#vision.dim;
  }

  /**
   * Pictures float32 [3, H, W] as the processor makes them, to embeddings float32 [dim], as projected.
   * Throws `model/bad-input` when their size is not the model's or differs between them.
   */
  async encodeImages(tensors: readonly TensorValue[], { signal }: EncodeCall = {}): Promise<Float32Array[]> {
    const rows = tensors.map(({ dtype, shape, data }) => ({ pixel_values: { dtype, shape, data } }));
    return this.#vision.embed(rows, signal);
  }

  /** Texts to embeddings float32 [dim], as projected. What is longer than the model reads is cut, as in CLIP. */
  async encodeTexts(texts: readonly string[], { signal }: EncodeCall = {}): Promise<Float32Array[]> {
    const fixed = this.#text.fixedSize('input_ids', 1);
    const maxLength = Math.min(this.#positions, fixed ?? Number.POSITIVE_INFINITY);
    const rows: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += TEXTS_PER_RUN) {
      const part = texts.slice(start, start + TEXTS_PER_RUN);
      // Padding to the longest is enough: the tower is causal and pools at the first end token.
      const encodings = this.tokenizer.encodeBatch(part, { maxLength, pad: fixed ?? 'longest' });
      const inputs = encodings.map(({ ids, mask }) => ({ input_ids: int64(ids), attention_mask: int64(mask) }));
      rows.push(...(await this.#text.embed(inputs, signal)));
    }
    return rows;
  }
}

async function openTower(folder: string, file: string, pool: Pick<OnnxPool, 'session'>, ref: string) {
  const path = join(folder, file);
  await access(path).catch(() => {
    throw new WeftError('model/missing-file', { model: ref, file, hint: PULL_HINT });
  });
  return pool.session(path, { model: `${ref}/${file}` });
}

function positionsOf(config: JsonObject): number {
  const text = isObject(config.text_config) ? config.text_config : {};
  const positions = text.max_position_embeddings;
  return typeof positions === 'number' && positions >= 2 ? positions : DEFAULT_POSITIONS;
}

function int64(numbers: readonly number[]) {
  return { dtype: 'int64' as const, shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) };
}
