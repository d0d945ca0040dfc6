import { describe, expect, it } from 'vitest';
import zeroShot from '../../../src/nodes/head/zero-shot.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { embedding } from '../embedding.ts';

const image = embedding([3, 4], 'photo.png', { logitScale: 2 });
const texts = [embedding([0, 2], 'up'), embedding([5, 0], 'right'), embedding([-1, 0], 'left')];

describe('head/zero-shot', () => {
  it('gives softmax(scale x cosine), best first, and names the picture', async () => {
    const { scores } = await runNode(zeroShot, {}, { image, texts });
    // Cosines 0.8, 0.6, -0.6; logits 1.6, 1.2, -1.2.
    const powers = [Math.exp(1.6), Math.exp(1.2), Math.exp(-1.2)];
    const total = powers.reduce((sum, power) => sum + power, 0);
    expect(scores).toMatchObject({ normalized: true, subject: 'photo.png' });
    expect(scores.entries.map(({ label }) => label)).toEqual(['up', 'right', 'left']);
    scores.entries.forEach(({ score }, index) => {
      expect(score).toBeCloseTo(powers[index]! / total, 6);
    });
    expect(scores.entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 12);
  });

  it("divides by the temperature, the checkpoint's own unless one is given", async () => {
    const first = async (given: Record<string, number>, scale?: number) => {
      const { logitScale: _, ...bare } = image;
      const picture = scale === undefined ? bare : { ...bare, logitScale: scale };
      return (await runNode(zeroShot, given, { image: picture, texts })).scores.entries[0]?.score;
    };
    const share = (scale: number) => 1 / (1 + Math.exp(-0.2 * scale) + Math.exp(-1.4 * scale));
    expect(await first({ temperature: 0.5 })).toBeCloseTo(share(2), 6);
    expect(await first({ temperature: 4 }, 50)).toBeCloseTo(share(0.25), 6);
    expect(await first({}, 7)).toBeCloseTo(share(7), 6);
    expect(await first({})).toBeCloseTo(share(100), 6);
    const withScale = texts.map((text) => ({ ...text, logitScale: 3 }));
    const { scores } = await runNode(zeroShot, {}, { image: embedding([3, 4]), texts: withScale });
    expect(scores.entries[0]?.score).toBeCloseTo(share(3), 6);
    expect(scores.subject).toBeUndefined();
  });

  it('joins the prompts of a label: mean of directions, or the best', async () => {
    // Lengths must not count: [10, 0] and [0, 0.1] mean the direction (1, 1) / sqrt 2.
    const prompts = [embedding([10, 0], 'both'), embedding([0, 0.1], 'both'), embedding([0.6, 0.8], 'exact')];
    const picture = embedding([3, 4], 'photo', { logitScale: 1 });
    const mean = await runNode(zeroShot, {}, { image: picture, texts: prompts });
    const best = await runNode(zeroShot, { ensemble: 'max' }, { image: picture, texts: prompts });
    const ratio = ({ entries }: typeof mean.scores) => {
      const score = (label: string) => entries.find((entry) => entry.label === label)!.score;
      return Math.log(score('exact') / score('both'));
    };
    expect(ratio(mean.scores)).toBeCloseTo(1 - 1.4 / Math.SQRT2, 6);
    expect(ratio(best.scores)).toBeCloseTo(1 - 0.8, 6);
    expect(mean.scores.entries).toHaveLength(2);
  });

  it('works the texts out once for all pictures that meet them', async () => {
    let read = 0;
    const counted = texts.map((text) => ({
      ...text,
      get data() {
        read++;
        return text.data;
      },
    }));
    const answer = async () => (await runNode(zeroShot, {}, { image, texts: counted })).scores;
    const first = await answer();
    const before = read;
    expect(await answer()).toEqual(first);
    // Only their lengths are looked at again.
    expect(read - before).toBe(texts.length);
  });

  it('stays finite at extreme temperatures and for zero vectors', async () => {
    const all = [...texts, embedding([0, 0], 'nothing')];
    const { scores } = await runNode(zeroShot, { temperature: 1e-6 }, { image, texts: all });
    expect(scores.entries[0]).toEqual({ label: 'up', score: 1 });
    for (const { score } of scores.entries) expect(Number.isFinite(score)).toBe(true);
  });

  it('takes more prompts of one label than a call takes arguments', async () => {
    const many = new Array<typeof image>(200_000).fill(embedding([4, 3], 'many'));
    const { scores } = await runNode(zeroShot, { ensemble: 'max' }, { image, texts: [...many, ...texts] });
    expect(scores.entries[0]?.label).toBe('many');
  });

  it('refuses nothing to compare with, and other spaces', async () => {
    expect(await failure(runNode(zeroShot, {}, { image, texts: [] }))).toMatchObject({
      code: 'run/bad-input',
      socket: 'texts',
    });
    const other = embedding([1, 0], 'x', { space: 'other' });
    expect(await failure(runNode(zeroShot, {}, { image, texts: [other] }))).toMatchObject({ code: 'run/bad-input' });
    const longer = embedding([1, 0, 0], 'x');
    expect(await failure(runNode(zeroShot, {}, { image, texts: [longer] }))).toMatchObject({ code: 'run/bad-input' });
  });
});
