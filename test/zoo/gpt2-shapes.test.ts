/** The committed language model is whole, small, and writes what the drawn world's captions say. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/models/pipelines/load.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { captionsOf } from '../../tools/zoo/world/datasets.ts';
import { makeScene } from '../../tools/zoo/world/scene.ts';
import { splitRanges } from '../../tools/zoo/world/splits.ts';
import { colours, shapes } from '../../tools/zoo/world/vocabulary.ts';

const folder = 'models/zoo/gpt2-shapes';
const start = '<-start_of_text->';
const end = '<|endoftext|>';
const json = async (name: string) => JSON.parse(await readFile(path.join(folder, name), 'utf8'));

describe('gpt2-shapes', () => {
  let tokenizer: Tokenizer;
  let write: Awaited<ReturnType<typeof load<'text-generation'>>>;

  beforeAll(async () => {
    tokenizer = new Tokenizer(await json('tokenizer.json'), await json('tokenizer_config.json'));
    write = await load('zoo/gpt2-shapes', { task: 'text-generation' });
  });
  afterAll(() => write.release());

  it('has every file of a Hugging Face folder, within 4 MB', async () => {
    const names = await readdir(folder);
    expect(names.toSorted()).toEqual([
      'README.md',
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4e6);
  });

  it('agrees with itself: ids and sizes in the configs, the tokenizer and the weights', async () => {
    const [config, generation] = [await json('config.json'), await json('generation_config.json')];
    expect(config.architectures).toEqual(['GPT2LMHeadModel']);
    for (const one of [config, generation]) {
      expect(one.bos_token_id).toBe(tokenizer.token_to_id(start));
      expect(one.eos_token_id).toBe(tokenizer.token_to_id(end));
    }
    const weights = await NativeWeightFile.open(path.join(folder, 'model.safetensors'));
    expect(weights.tensors.get('transformer.wte.weight')).toMatchObject({
      dtype: 'F16',
      shape: [config.vocab_size, config.n_embd],
    });
    expect(weights.tensors.get('transformer.wpe.weight')!.shape[0]).toBe(config.n_positions);
    weights.close();
  });

  it('keeps every word of the world whole, spells any other, and gives each text back', () => {
    for (const word of [...shapes, ...colours, 'striped', 'small', 'background', 'above']) {
      expect(tokenizer.encode(` ${word}`).ids, word).toHaveLength(1);
    }
    const texts = Array.from({ length: 20 }, (_, i) => captionsOf(makeScene(splitRanges.test[0] + i))).flat();
    for (const text of [...texts, 'Zebra über 3 ☂']) expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
  });

  it('has learned the order of words: colour, then shape, then an end', async () => {
    const { text: shape } = await write({ prompt: `${start}a small red`, maxTokens: 1 });
    expect(shapes).toContain(shape);
    const { text: colour } = await write({ prompt: `${start}a blue star and a small`, maxTokens: 1 });
    expect(colours).toContain(colour);
    const { text: rest } = await write({ prompt: `${start}a blue star on a dark` });
    expect(rest).toMatch(/^(plain|gradient|noisy|two-tone) background$/);
  });
});
