/**
 * The two models of MaGiC in their published shapes with random weights, as folders that we and transformers both load: GPT-2
 * (124M) and CLIP ViT-B/32, whose tower of pictures is cut to one layer, since no picture is encoded here.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUniform } from '../models/random.ts';
import type { Weight } from '../models/transformer.ts';
import { CLIP_TEXT_ENCODER, GPT2_SMALL } from '../models/transformer.ts';
import { writeWeights } from '../models/weight-file.ts';

/** GPT-2's start and end, and CLIP's end, which also fills up. */
export const GPT2_END = 50_256;
export const CLIP_END = 49_407;

/** Published tokenizers, beside the repository. */
const TOKENIZERS = join(import.meta.dirname, '..', '..', '..', 'shared', 'real', 'tokenizers');

class RandomWeights {
  readonly weights = new Map<string, Weight>();
  readonly #prefix: string;
  #seed: number;

  constructor(prefix: string, seed: number) {
    this.#prefix = prefix;
    this.#seed = seed;
  }

  add(name: string, shape: readonly number[], most: number, centre = 0): void {
    const count = shape.reduce((product, side) => product * side, 1);
    this.#seed += 1;
    this.weights.set(this.#prefix + name, { data: randomUniform(this.#seed, count, most, centre), shape });
  }

  norm(name: string, width: number): void {
    this.add(`${name}.weight`, [width], 0.2, 1);
    this.add(`${name}.bias`, [width], 0.1);
  }

  /** Of variance 1 / inputs, so that rows keep their size. */
  linear(name: string, inputs: number, outputs: number, { inputsFirst = false, bias = true } = {}): void {
    this.add(`${name}.weight`, inputsFirst ? [inputs, outputs] : [outputs, inputs], Math.sqrt(3 / inputs));
    if (bias) this.add(`${name}.bias`, [outputs], 0.05);
  }
}

/** Returns the folder. */
export async function writeLanguage(place: string): Promise<string> {
  const folder = join(place, 'language');
  const { width, layers, inner } = GPT2_SMALL;
  const made = new RandomWeights('transformer.', 1000);
  made.add('wte.weight', [50_257, width], 0.1);
  made.add('wpe.weight', [1024, width], 0.05);
  for (let layer = 0; layer < layers; layer += 1) {
    const inside = (name: string) => `h.${layer}.${name}`;
    made.norm(inside('ln_1'), width);
    made.norm(inside('ln_2'), width);
    made.linear(inside('attn.c_attn'), width, 3 * width, { inputsFirst: true });
    made.linear(inside('attn.c_proj'), width, width, { inputsFirst: true });
    made.linear(inside('mlp.c_fc'), width, inner, { inputsFirst: true });
    made.linear(inside('mlp.c_proj'), inner, width, { inputsFirst: true });
  }
  made.norm('ln_f', width);
  const config = {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    bos_token_id: GPT2_END,
    eos_token_id: GPT2_END,
  };
  await writeFolder(folder, config, made);
  for (const file of ['vocab.json', 'merges.txt']) await copyFile(join(TOKENIZERS, 'gpt2', file), join(folder, file));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'GPT2Tokenizer' }));
  return folder;
}

/** Returns the folder. */
export async function writeComparison(place: string): Promise<string> {
  const folder = join(place, 'comparison');
  const { width, layers, inner } = CLIP_TEXT_ENCODER;
  const made = new RandomWeights('', 2000);
  made.add('text_model.embeddings.token_embedding.weight', [49_408, width], 0.1);
  made.add('text_model.embeddings.position_embedding.weight', [77, width], 0.05);
  addLayers(made, 'text_model', { width, layers, inner });
  made.norm('text_model.final_layer_norm', width);
  made.linear('text_projection', width, 512, { bias: false });
  const vision = { width: 768, layers: 1, inner: 3072 };
  made.add('vision_model.embeddings.class_embedding', [vision.width], 0.5);
  made.add('vision_model.embeddings.patch_embedding.weight', [vision.width, 3, 32, 32], 0.03);
  made.add('vision_model.embeddings.position_embedding.weight', [50, vision.width], 0.1);
  made.norm('vision_model.pre_layrnorm', vision.width);
  addLayers(made, 'vision_model', vision);
  made.norm('vision_model.post_layernorm', vision.width);
  made.linear('visual_projection', vision.width, 512, { bias: false });
  made.weights.set('logit_scale', { data: Float32Array.of(Math.log(100)), shape: [] });
  await writeFolder(
    folder,
    {
      architectures: ['CLIPModel'],
      model_type: 'clip',
      projection_dim: 512,
      text_config: { model_type: 'clip_text_model', eos_token_id: 2, bos_token_id: 0, pad_token_id: 1 },
      vision_config: { model_type: 'clip_vision_model', num_hidden_layers: 1 },
    },
    made,
  );
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(TOKENIZERS, 'clip', file), join(folder, file));
  }
  const processor = { image_processor_type: 'CLIPImageProcessor', size: 224, crop_size: 224 };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(processor));
  return folder;
}

function addLayers(
  made: RandomWeights,
  tower: string,
  { width, layers, inner }: { readonly width: number; readonly layers: number; readonly inner: number },
): void {
  for (let layer = 0; layer < layers; layer += 1) {
    const inside = (name: string) => `${tower}.encoder.layers.${layer}.${name}`;
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
      made.linear(inside(`self_attn.${name}`), width, width);
    made.norm(inside('layer_norm1'), width);
    made.norm(inside('layer_norm2'), width);
    made.linear(inside('mlp.fc1'), width, inner);
    made.linear(inside('mlp.fc2'), inner, width);
  }
}

async function writeFolder(folder: string, config: object, { weights }: RandomWeights): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeWeights(join(folder, 'model.safetensors'), weights);
}
