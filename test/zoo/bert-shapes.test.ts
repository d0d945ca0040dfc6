/** The committed encoder of sentences is whole, small, and puts sentences of one meaning side by side. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/models/pipelines/load.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { withArticle } from '../../tools/zoo/world/questions.ts';
import { colours, shapes } from '../../tools/zoo/world/vocabulary.ts';

const folder = 'models/zoo/bert-shapes';
const json = async (name: string) => JSON.parse(await readFile(path.join(folder, name), 'utf8'));

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('bert-shapes', () => {
  let embed: Awaited<ReturnType<typeof load<'text-feature-extraction'>>>;
  let fill: Awaited<ReturnType<typeof load<'fill-mask'>>>;

  beforeAll(async () => {
    embed = await load('zoo/bert-shapes', { task: 'text-feature-extraction' });
    fill = await load('zoo/bert-shapes', { task: 'fill-mask' });
  });
  afterAll(() => {
    embed.release();
    fill.release();
  });

  it('has every file that transformers and sentence-transformers read, within 3 MB', async () => {
    const files = ['1_Pooling/config.json', 'README.md', 'config.json', 'model.safetensors', 'modules.json'];
    const all = [...files, 'tokenizer.json', 'tokenizer_config.json'];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    expect(found.map((name) => path.relative(folder, name)).toSorted()).toEqual(all.map(path.normalize).toSorted());
    const sizes = await Promise.all(found.map(async (name) => (await stat(name)).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3e6);
  });

  it('agrees with itself: sizes in the configs, the tokenizer and the weights', async () => {
    const [config, tokenizer, pooling] = [
      await json('config.json'),
      await json('tokenizer.json'),
      await json('1_Pooling/config.json'),
    ];
    expect(config.architectures).toEqual(['BertForMaskedLM']);
    expect(Object.keys(tokenizer.model.vocab)).toHaveLength(config.vocab_size);
    expect(pooling.word_embedding_dimension).toBe(config.hidden_size);
    const weights = await NativeWeightFile.open(path.join(folder, 'model.safetensors'));
    const embeddings = weights.tensors.get('bert.embeddings.word_embeddings.weight');
    expect(embeddings).toMatchObject({ dtype: 'F16', shape: [config.vocab_size, config.hidden_size] });
    weights.close();
    for (const word of [...shapes, ...colours, 'striped', 'background']) {
      expect(tokenizer.model.vocab, word).toHaveProperty(word);
    }
  });

  it('finds the label of a sentence that says more among all colours and shapes', async () => {
    const pairs = colours.flatMap((colour) => shapes.map((shape) => `${colour} ${shape}`));
    const labels = await embed({ texts: pairs.map((pair) => `a photo of ${withArticle(pair)}`) });
    const longer = ['a large @ on a dark plain background', 'a small @ with stripes'];
    const texts = pairs.map((pair, i) => longer[i % longer.length]!.replace('@', pair));
    const found = (await embed({ texts })).map((row) => {
      const scores = labels.map((label) => cosine(row, label));
      return scores.indexOf(Math.max(...scores));
    });
    expect(found).toEqual(pairs.map((_, i) => i));
  });

  it('thinks two sentences with a colour or a shape in common nearer than two with neither', async () => {
    const [redStar, redRing, blueStar, greenCross] = await embed({
      texts: ['a red star', 'a red ring', 'a blue star', 'a green cross'],
    });
    for (const near of [redRing!, blueStar!]) {
      expect(cosine(redStar!, near)).toBeGreaterThan(cosine(redStar!, greenCross!) + 0.1);
    }
  });

  it('knows which kind of word is missing', async () => {
    const [candidates] = await fill({ text: 'a large red [MASK] on a dark plain background' });
    expect(shapes).toContain(candidates!.entries[0]!.label.trim());
  });
});
