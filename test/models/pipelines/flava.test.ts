import { describe, expect, it } from 'vitest';
import { parseImageProcessor } from '../../../src/image/processor-config.ts';
import { flava } from '../../../src/models/families/flava.ts';
import { Flava } from '../../../src/models/families/flava-model.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { StackResult } from '../../../src/native/stack.ts';
import { failure } from '../../files/temporary-folder.ts';
import { cosine } from '../cosine.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const WORDS = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, '[MASK]': 4, red: 10, blue: 11, circle: 12, a: 15 };
const PROCESSOR = { image_processor_type: 'FlavaImageProcessor', size: 30, crop_size: 30 };
const image = drawnImage(4);

async function open(fixture = 'flava_pretraining_options') {
  const folder = await taskFolder(fixture, { words: WORDS, processor: PROCESSOR });
  const { loaded } = await openFamily(folder, { model: 'test/flava' });
  return { folder, ...loaded, tasks: loaded.tasks as Required<Tasks> };
}

/** What the model itself gives for a picture and the tokens of a text, without the tasks. */
async function computed(
  folder: string,
  ids: readonly number[],
): Promise<{ model: Flava; both: StackResult; text: StackResult }> {
  const model = await fromCheckpoint(folder, { model: 'test/flava' }, async (one) => Flava.build(await flava(one)));
  const { pixelValues, shape } = await parseImageProcessor(PROCESSOR, { model: 'test/flava' }).processBatch([image]);
  const seen = await model.image.run({ data: pixelValues, shape }, { returnHidden: [1] });
  const text = await model.text.run({ ids }, { returnHidden: [1] });
  return { model, text, both: await model.fuse({ image: seen.hiddenStates[0]!, text: text.hiddenStates[0]! }) };
}

const softmax = (logits: Float32Array) => {
  const powers = Array.from(logits, Math.exp);
  const total = powers.reduce((sum, one) => sum + one, 0);
  return powers.map((power) => power / total);
};

describe('FLAVA’s tasks of both together', () => {
  it('tell how probable it is that each text describes the picture', async () => {
    const { tasks, folder } = await open();
    const texts = ['red circle', 'a blue red blue circle', 'blue'];
    const { entries, normalized, subject } = await tasks['image-text-matching']({ image, texts });
    expect(normalized).toBe(true);
    expect(subject).toBe('picture-4.png');
    expect(entries.map(({ score }) => score)).toEqual([...entries.map(({ score }) => score)].sort((a, b) => b - a));
    const { model, both } = await computed(folder, [2, 10, 12, 3]);
    const logits = (await model.heads.run('itm', both.hidden!)).toFloats().slice(0, 2);
    expect(entries.find(({ label }) => label === 'red circle')!.score).toBeCloseTo(softmax(logits)[1]!, 5);
  });

  it('match more texts than fit one run', async () => {
    const { tasks } = await open();
    const texts = Array.from({ length: 18 }, (_, index) => `a ${'red '.repeat(1 + (index % 5))}circle ${index}`);
    const all = await tasks['image-text-matching']({ image, texts });
    expect(all.entries.length).toBe(18);
    const [alone] = (await tasks['image-text-matching']({ image, texts: [texts[17]!] })).entries;
    expect(all.entries.find(({ label }) => label === texts[17])!.score).toBeCloseTo(alone!.score, 5);
  });

  it('fill masks, of a text alone and beside a picture', async () => {
    const { tasks, folder } = await open();
    const ids = [2, 10, 4, 15, 4, 3];
    const text = 'red [MASK] a [MASK]';
    const { model, both, text: read } = await computed(folder, ids);
    const seventeen = 1 + 17;
    const beside = (await model.heads.run('mmm_text', both.hidden!)).toFloats();
    const alone = (await model.heads.run('mlm', read.hidden!)).toFloats();
    for (const [input, logits, before] of [
      [{ text }, alone, 0],
      [{ text, image }, beside, seventeen],
    ] as const) {
      const filled = await tasks['fill-mask'](input);
      expect(filled.length).toBe(2);
      for (const [mask, place] of [2, 4].entries()) {
        const row = softmax(logits.slice((before + place) * 50, (before + place + 1) * 50));
        const { entries } = filled[mask]!;
        for (const [word, id] of Object.entries({ red: 10, blue: 11, circle: 12 }))
          expect(entries.find(({ label }) => label === word)!.score).toBeCloseTo(row[id]!, 5);
      }
    }
  });

  it('refuse what they cannot read', async () => {
    const { tasks } = await open();
    const regions = { features: { kind: 'Features', data: new Float32Array(4), seq: 1, dim: 4 } } as const;
    expect(await failure(tasks['image-text-matching']({ regions, texts: ['a'] }))).toMatchObject({
      code: 'model/bad-input',
      details: { input: 'image', received: 'regions' },
    });
    expect(await failure(tasks['fill-mask']({ text: 'a', image }))).toMatchObject({
      code: 'model/bad-input',
      details: { expected: 'at least one [MASK]' },
    });
    const options = { signal: AbortSignal.abort() };
    expect(await failure(tasks['image-text-matching']({ image, texts: ['a'] }, options))).toMatchObject({
      code: 'run/cancelled',
    });
  });

  it('let go of their weights', async () => {
    const { tasks, bytes, release } = await open();
    expect(bytes).toBeGreaterThan(10_000);
    release();
    expect(await failure(tasks['fill-mask']({ text: '[MASK]' }))).toMatchObject({ code: 'native/released' });
  });
});

describe('FLAVA’s towers', () => {
  it('embed and classify, whichever class the checkpoint is of', async () => {
    const { tasks, embedding } = await open('flava_options');
    expect(embedding).toEqual({ dim: 9, logitScale: expect.closeTo(Math.exp(0.8), 4) });
    expect(Object.keys(tasks).sort()).toEqual([
      'image-feature-extraction',
      'text-feature-extraction',
      'zero-shot-image-classification',
    ]);
    const [picture] = await tasks['image-feature-extraction']({ images: [image] });
    const texts = await tasks['text-feature-extraction']({ texts: ['red circle', 'blue'] });
    const margin = embedding!.logitScale! * (cosine(picture!, texts[0]!) - cosine(picture!, texts[1]!));
    const labels = ['red circle', 'blue'];
    const { entries } = await tasks['zero-shot-image-classification']({ image, labels, template: '{}' });
    const score = entries.find(({ label }) => label === 'red circle')!.score;
    expect(score).toBeCloseTo(1 / (1 + Math.exp(-margin)), 5);
  });
});
