/**
 * CLIP's towers in ONNX Runtime, from the export that transformers.js repositories carry (`onnx/vision_model.onnx`,
 * `onnx/text_model.onnx`).
 */
import type { TensorValue } from '../protocol/value.ts';
import type { Encoding } from '../text/tokenizer.ts';
import { ConfigReader } from './blocks/config-reader.ts';
import { type ClipBackend, PICTURES_PER_RUN, TEXTS_PER_RUN } from './clip-backend.ts';
import { readLogitScale } from './logit-scale.ts';
import type { OnnxNetwork } from './onnx/network.ts';
import { OnnxNetworks } from './onnx/networks.ts';
import type { OnnxPool } from './onnx/pool.ts';
import { Tower } from './onnx/tower.ts';
import type { OnnxDtype } from './onnx/variant.ts';
import { isObject, type JsonObject } from './read-json.ts';

/** What transformers takes when config.json leaves it out. */
const DEFAULT_POSITIONS = 77;

export class OnnxClip implements ClipBackend {
  readonly logitScale: number;
  readonly positions: number;
  readonly #vision: Tower;
  readonly #text: Tower;

  private constructor(vision: OnnxNetwork, text: OnnxNetwork, logitScale: number, positions: number) {
    this.logitScale = logitScale;
    this.positions = positions;
    this.#vision = new Tower(vision, { output: 'image_embeds', perRun: PICTURES_PER_RUN });
    this.#text = new Tower(text, { output: 'text_embeds', perRun: TEXTS_PER_RUN });
  }

  /** Throws `model/missing-file`, `model/bad-weights`, `model/unsupported`, and what `OnnxPool.session` throws. */
  static async load(
    folder: string,
    model: string,
    config: JsonObject,
    pool: Pick<OnnxPool, 'session'>,
    dtype: OnnxDtype = 'auto',
  ): Promise<OnnxClip> {
    const networks = await OnnxNetworks.in(folder, { model, dtype, pool });
    const [[vision, text], logitScale] = await Promise.all([
      networks.open('vision_model', 'text_model'),
      readLogitScale({ folder, model, config: new ConfigReader(config, { model }) }),
    ]);
    return new OnnxClip(vision, text, logitScale, positionsOf(config));
  }

  get dim(): number | undefined {
    return this.#vision.dim;
  }

  get textLength(): number | undefined {
    return this.#text.fixedSize('input_ids', 1);
  }

  async embedPictures(tensors: readonly TensorValue[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const rows = tensors.map(({ dtype, shape, data }) => ({ pixel_values: { dtype, shape, data } }));
    return this.#vision.embed(rows, signal);
  }

  async embedTexts(encodings: readonly Encoding[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const rows = encodings.map(({ ids, mask }) => ({ input_ids: int64(ids), attention_mask: int64(mask) }));
    return this.#text.embed(rows, signal);
  }
}

function positionsOf(config: JsonObject): number {
  const text = isObject(config.text_config) ? config.text_config : {};
  const positions = text.max_position_embeddings;
  return typeof positions === 'number' && positions >= 2 ? positions : DEFAULT_POSITIONS;
}

function int64(numbers: readonly number[]) {
  return { dtype: 'int64' as const, shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) };
}
