/**
 * The tasks of a model of two towers: embeddings of pictures and of texts, and which of the given labels fits a picture.
 * Knows no family: what differs between them is told by TextForm.
 */
import type { ImageProcessor } from '../../image/processor.ts';
import { cosineTopK } from '../../native/choices.ts';
import { activate, softmax } from '../../native/rows.ts';
import { Tensor } from '../../native/tensor.ts';
import type { ImageValue } from '../../protocol/value.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { DualEncoderStacks, PictureEncoder, Similarity } from '../towers/dual-encoder.ts';
import { PictureTower } from '../towers/picture-tower.ts';
import { type TextEncoder, TextTower } from '../towers/text-tower.ts';
import { encodeTexts } from './encode-texts.ts';
import type { FamilySources, LoadedFamily, TaskSources } from './family.ts';
import { promptsOf } from './label-prompts.ts';
import { openTextSearch } from './open-towers.ts';
import type { TaskName, TaskOptions, Tasks } from './task.ts';
import { imageFeatures, textFeatures } from './tower-features.ts';

export const DUAL_ENCODER_TASKS = [
  'zero-shot-image-classification',
  'image-feature-extraction',
  'text-feature-extraction',
] as const satisfies readonly TaskName[];

/** How a family's texts come to its tower. */
export interface TextForm {
  /** To how many tokens texts are filled: the longest of a batch, or as many as the tower has positions. */
  readonly fill: 'longest' | 'positions';
  /** Padding is hidden from the tower. It need not be where it comes last and tokens see only what is before them. */
  readonly masked: boolean;
  /** What is done to a text before its tokenizer. */
  readonly prepare?: (text: string) => string;
  /** What a label is put in, at `{}`. */
  readonly template: string;
}

/** What the hub's own pipeline puts labels in. */
export const PHOTO_TEMPLATE = 'This is a photo of {}.';

/** Of towers of the kind of BERT. */
export const MASKED_TEXTS: TextForm = { fill: 'longest', masked: true, template: PHOTO_TEMPLATE };

export interface DualEncoder {
  /** How errors name it. */
  readonly name: string;
  readonly pictures: PictureEncoder;
  readonly texts: Pick<TextEncoder, 'positions' | 'embed' | 'bytes' | 'release'>;
  readonly similarity: Similarity;
  readonly processor: ImageProcessor;
  readonly tokenizer: Tokenizer;
  readonly form: TextForm;
}

/** More at once gains nothing and costs memory: activations grow with it. */
const PICTURES_PER_RUN = 16;
const TEXTS_PER_RUN = 64;

/** Builds both towers. Rejects as `Stack.build` does, and as reading tokenizer and image processor. */
export async function loadDualEncoder(
  sources: FamilySources,
  { vision, text, dim, similarity }: DualEncoderStacks,
  form: TextForm,
): Promise<LoadedFamily> {
  const { precision, signal } = sources;
  await expectProcessing(sources);
  const pictures = await PictureTower.build(vision, { precision, signal });
  const texts = await TextTower.build(text, { precision, signal });
  return loadedDualEncoder(sources, { pictures, texts, dim, similarity, form });
}

/** Rejects where tokenizer or image processor are missing: to be asked before weights are packed. */
export async function expectProcessing({ tokenizer, imageProcessor }: TaskSources): Promise<void> {
  await imageProcessor();
  await tokenizer();
}

/** Of towers that are built already. Rejects as reading tokenizer and image processor. */
export async function loadedDualEncoder(
  { checkpoint, tokenizer, imageProcessor }: TaskSources,
  parts: Pick<DualEncoder, 'pictures' | 'texts' | 'similarity' | 'form'> & { readonly dim: number },
): Promise<LoadedFamily> {
  const { pictures, texts, dim, similarity, form } = parts;
  const processing = { processor: await imageProcessor(), tokenizer: await tokenizer() };
  return {
    tasks: dualEncoderTasks({ name: checkpoint.model, ...parts, ...processing }),
    bytes: pictures.bytes + texts.bytes,
    embedding: { dim, logitScale: similarity.scale },
    features: {
      ...imageFeatures(pictures, processing.processor),
      ...textFeatures(texts, processing.tokenizer, form.prepare),
    },
    ...openTextSearch(texts, processing.tokenizer, form.prepare),
    release() {
      pictures.release();
      texts.release();
    },
  };
}

export function dualEncoderTasks(model: DualEncoder): Pick<Required<Tasks>, (typeof DUAL_ENCODER_TASKS)[number]> {
  return {
    'image-feature-extraction': ({ images }, options) => embedPictures(model, images, options),
    'text-feature-extraction': ({ texts }, options) => embedTexts(model, texts, options),
    'zero-shot-image-classification': async ({ image, labels, template = model.form.template }, options) => {
      const prompts = promptsOf(model.name, labels, template);
      const [picture] = await embedPictures(model, [image], options);
      const texts = await embedTexts(model, prompts, options);
      const { scores, places } = await compare(model.similarity, picture!, texts, options);
      const entries = Array.from(scores, (score, index) => ({ label: labels[places[index]!]!, score }));
      const subject = image.name === undefined ? {} : { subject: image.name };
      return { kind: 'Scores', entries, normalized: true, ...subject };
    },
  };
}

/** float32 [dim] each, in order. */
async function embedPictures(
  { processor, pictures }: DualEncoder,
  images: readonly ImageValue[],
  { signal }: TaskOptions = {},
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let start = 0; start < images.length; start += PICTURES_PER_RUN) {
    const batch = await processor.processBatch(images.slice(start, start + PICTURES_PER_RUN), { signal });
    rows.push(...takeRows(await pictures.embed({ data: batch.pixelValues, shape: batch.shape }, { signal })));
  }
  return rows;
}

/** float32 [dim] each, in order. What is longer than the tower reads is cut. */
async function embedTexts(
  { tokenizer, texts: tower, form }: DualEncoder,
  texts: readonly string[],
  { signal }: TaskOptions = {},
): Promise<Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let start = 0; start < texts.length; start += TEXTS_PER_RUN) {
    const prepared = texts.slice(start, start + TEXTS_PER_RUN).map(form.prepare ?? ((text) => text));
    const tokens = encodeTexts(tokenizer, prepared, { positions: tower.positions, ...form });
    rows.push(...takeRows(await tower.embed(tokens, { signal })));
  }
  return rows;
}

/** Probabilities of the texts for a picture, best first, and which texts they are of. */
async function compare(
  { scale, bias }: Similarity,
  picture: Float32Array,
  texts: readonly Float32Array[],
  { signal }: TaskOptions = {},
): Promise<{ scores: Float32Array; places: Int32Array }> {
  const dim = picture.length;
  using query = Tensor.from(picture, [1, dim]);
  using matrix = Tensor.from(joinRows(texts, dim), [texts.length, dim]);
  const { scores: cosines, places } = await cosineTopK(query, matrix, texts.length, { signal });
  const logits = cosines.map((cosine) => scale * cosine + (bias ?? 0));
  using row = Tensor.from(logits, [1, texts.length]);
  using probabilities = await (bias === undefined ? softmax(row, { signal }) : activate(row, 'sigmoid', { signal }));
  return { scores: probabilities.toFloats(), places };
}

function joinRows(rows: readonly Float32Array[], dim: number): Float32Array {
  const joined = new Float32Array(rows.length * dim);
  for (const [index, row] of rows.entries()) joined.set(row, index * dim);
  return joined;
}

/** The rows of [batch, dim], each with its own memory; lets go of the tensor. */
function takeRows(tensor: Tensor): Float32Array[] {
  const [batch = 0, dim = 0] = tensor.shape;
  const numbers = tensor.toFloats();
  tensor.release();
  return Array.from({ length: batch }, (_, row) => numbers.slice(row * dim, (row + 1) * dim));
}
