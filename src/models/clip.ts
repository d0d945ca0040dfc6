/**
 * CLIP-style models: two towers, pictures and texts into one space. Knows pictures' processor and texts' tokenizer; the
 * towers themselves run in the addon or in ONNX Runtime.
 * Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision (2021).
 */
import type { ImageProcessor } from '../image/processor.ts';
import { parseImageProcessor } from '../image/processor-config.ts';
import type { TensorValue } from '../protocol/value.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { type BackendSettings, chooseBackend } from './backend.ts';
import { type ClipBackend, TEXTS_PER_RUN } from './clip-backend.ts';
import { NativeClip } from './clip-native.ts';
import { OnnxClip } from './clip-onnx.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import type { OnnxPool } from './onnx/pool.ts';
import { requireJson } from './read-json.ts';

export interface ClipIdentity {
  /** How errors name the model. */
  readonly ref: string;
  /** Identity of its embedding space (ModelInfo.space). */
  readonly space: string;
}

export interface EncodeCall {
  readonly signal?: AbortSignal;
}

export class ClipModel {
  readonly ref: string;
  readonly space: string;
  /** Makes this model's input tensors from pictures. */
  readonly processor: ImageProcessor;
  readonly tokenizer: Tokenizer;
  readonly #backend: ClipBackend;

  private constructor(identity: ClipIdentity, processor: ImageProcessor, tokenizer: Tokenizer, backend: ClipBackend) {
    this.ref = identity.ref;
    this.space = identity.space;
    this.processor = processor;
    this.tokenizer = tokenizer;
    this.#backend = backend;
  }

  /**
   * Throws `model/missing-file`, `model/bad-config`, `model/bad-weights`, `model/unsupported`, and what the backend does
   * (`Stack.build`, `OnnxPool.session`).
   */
  static async load(
    folder: string,
    pool: Pick<OnnxPool, 'session'>,
    identity: ClipIdentity,
    settings: BackendSettings = {},
  ): Promise<ClipModel> {
    const { ref } = identity;
    const config = await requireJson(folder, 'config.json', ref, 'Pull the model again: every repository has one.');
    const preprocessing = await requireJson(
      folder,
      'preprocessor_config.json',
      ref,
      'Pull the model again, or copy the file from its repository.',
    );
    const chosen = await chooseBackend(folder, ref, settings);
    const [backend, tokenizer] = await Promise.all([
      chosen === 'native'
        ? NativeClip.load(folder, ref, settings.precision ?? 'fp32')
        : OnnxClip.load(folder, ref, config, pool, settings.dtype),
      loadTokenizer(folder, ref),
    ]);
    const processor = parseImageProcessor(preprocessing, { model: ref, modelType: 'clip' });
    return new ClipModel(identity, processor, tokenizer, backend);
  }

  /** Width of the embeddings. */
  get dim(): number | undefined {
    return this.#backend.dim;
  }

  /** exp(logit_scale): cosines times this are the logits. */
  get logitScale(): number {
    return this.#backend.logitScale;
  }

  /**
   * Pictures float32 [3, H, W] as the processor makes them, to embeddings float32 [dim], as projected.
   * Throws `model/bad-input` when their size is not the model's or differs between them.
   */
  async encodeImages(tensors: readonly TensorValue[], { signal }: EncodeCall = {}): Promise<Float32Array[]> {
    return this.#backend.embedPictures(tensors, signal);
  }

  /** Texts to embeddings float32 [dim], as projected. What is longer than the model reads is cut, as in CLIP. */
  async encodeTexts(texts: readonly string[], { signal }: EncodeCall = {}): Promise<Float32Array[]> {
    const { positions, textLength } = this.#backend;
    const maxLength = Math.min(positions, this.tokenizer.maxLength ?? positions, textLength ?? positions);
    const rows: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += TEXTS_PER_RUN) {
      const part = texts.slice(start, start + TEXTS_PER_RUN);
      // Padding to the longest is enough: the tower is causal and pools at the first end token.
      const encodings = this.tokenizer.encodeBatch(part, { maxLength, pad: textLength ?? 'longest' });
      rows.push(...(await this.#backend.embedTexts(encodings, signal)));
    }
    return rows;
  }
}
