/**
 * A captioner of full shapes in a folder, with random weights: Frozen's matrix below `clip_project.`, GPT-2 small below
 * `gpt.`, and a tokenizer whose every token is a word. What it writes means nothing; what it costs is the real thing's.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUniform } from '../models/random.ts';
import type { Weight } from '../models/transformer.ts';
import { writeWeights } from '../models/weight-file.ts';

const VOCABULARY = 50257;
const POSITIONS = 1024;
const WIDTH = 768;
const LAYERS = 12;
const END = VOCABULARY - 1;

/** @param visual width of the embeddings that it reads; its prefix has `rows` rows */
export async function writeCaptioner(folder: string, visual: number, rows: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (file: string, content: object) => writeFile(join(folder, file), JSON.stringify(content));
  await write('config.json', { model_type: 'gpt2', vocab_size: VOCABULARY, eos_token_id: END, bos_token_id: END });
  await write('tokenizer.json', {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    post_processor: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: words(), merges: [] },
  });
  await writeWeights(join(folder, 'model.safetensors'), new Map(weights(visual, rows)));
}

/** `Ġ` is a space to byte-level tokenizers. */
function words(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: VOCABULARY }, (_, id) => [`Ġ${id.toString(36)}`, id]));
}

function* weights(visual: number, rows: number): Generator<[string, Weight]> {
  let seed = 1;
  const drawn = (shape: readonly number[], most = 0.05, centre = 0): Weight => {
    const count = shape.reduce((product, side) => product * side, 1);
    return { shape, data: randomUniform(seed++, count, most, centre) };
  };
  const linear = function* (name: string, inputs: number, outputs: number): Generator<[string, Weight]> {
    // Matrices of GPT-2 are [inputs, outputs].
    yield [`${name}.weight`, drawn([inputs, outputs])];
    yield [`${name}.bias`, drawn([outputs])];
  };
  const norm = function* (name: string): Generator<[string, Weight]> {
    yield [`${name}.weight`, drawn([WIDTH], 0.1, 1)];
    yield [`${name}.bias`, drawn([WIDTH])];
  };
  yield ['clip_project.weight', drawn([rows * WIDTH, visual])];
  yield ['clip_project.bias', drawn([rows * WIDTH])];
  yield ['gpt.transformer.wte.weight', drawn([VOCABULARY, WIDTH])];
  yield ['gpt.transformer.wpe.weight', drawn([POSITIONS, WIDTH])];
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const below = `gpt.transformer.h.${layer}`;
    yield* norm(`${below}.ln_1`);
    yield* linear(`${below}.attn.c_attn`, WIDTH, 3 * WIDTH);
    yield* linear(`${below}.attn.c_proj`, WIDTH, WIDTH);
    yield* norm(`${below}.ln_2`);
    yield* linear(`${below}.mlp.c_fc`, WIDTH, 4 * WIDTH);
    yield* linear(`${below}.mlp.c_proj`, 4 * WIDTH, WIDTH);
  }
  yield* norm('gpt.transformer.ln_f');
}
