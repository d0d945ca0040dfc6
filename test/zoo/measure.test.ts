/** The scores' own arithmetic on cases worked out by hand, and the candidates they are asked with. */
import { describe, expect, it } from 'vitest';
import { averagePrecision, type Found, overlapOf } from '../../tools/zoo/measure/average-precision.ts';
import { candidateCount, makeTrials, type Trial } from '../../tools/zoo/measure/candidates.ts';
import { clipScores } from '../../tools/zoo/measure/clip-scores.ts';
import { namedPairs, pairAccuracy } from '../../tools/zoo/measure/named-pairs.ts';
import { makeScene } from '../../tools/zoo/world/scene.ts';
import { shapes } from '../../tools/zoo/world/vocabulary.ts';

const box = (x: number, label: number, score = 1): Found => ({ x, y: 0, width: 10, height: 10, label, score });

describe('average precision', () => {
  it('measures overlap', () => {
    expect(overlapOf(box(0, 0), box(5, 0))).toBeCloseTo(50 / 150, 12);
    expect(overlapOf(box(0, 0), box(10, 0))).toBe(0);
  });

  it('is 1 when all is found, 0 when the class is wrong', () => {
    const truth = [[box(0, 0), box(50, 1)], [box(20, 0)]];
    expect(averagePrecision(truth, truth)).toBe(1);
    expect(averagePrecision([[box(0, 1)], [box(20, 1)]], truth)).toBe(0);
  });

  it('counts a second claim on one object as wrong, and a missed object as missing recall', () => {
    const truth = [[box(0, 0), box(50, 0)]];
    // Right, double, right: precisions 1, 1/2, 2/3 at recalls 1/2, 1/2, 1.
    const found = [[box(0, 0, 0.9), box(1, 0, 0.8), box(50, 0, 0.7)]];
    expect(averagePrecision(found, truth)).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    expect(averagePrecision([[box(0, 0, 0.9)]], truth)).toBeCloseTo(0.5, 12);
  });

  it('asks for the overlap it is given', () => {
    const truth = [[box(0, 0)]];
    expect(averagePrecision([[box(2, 0)]], truth, 0.5)).toBe(1);
    expect(averagePrecision([[box(2, 0)]], truth, 0.75)).toBe(0);
  });
});

describe('trials', () => {
  const trials = makeTrials(60);

  it('have 15 different wrong captions of either sort, never the true one', () => {
    for (const { caption, random, onePoint } of trials) {
      expect(onePoint).toHaveLength(candidateCount - 1);
      expect(random).toHaveLength(candidateCount - 1);
      for (const texts of [random, onePoint.map((wrong) => wrong.text)]) expect(texts).not.toContain(caption);
      expect(new Set(onePoint.map((wrong) => wrong.text)).size).toBe(candidateCount - 1);
    }
  });

  it('are the same each time', () => {
    expect(makeTrials(3).map((trial) => trial.onePoint)).toEqual(trials.slice(0, 3).map((trial) => trial.onePoint));
  });
});

describe('scores', () => {
  const [model] = makeTrials(1);
  const trial = (name: string): Trial => ({
    ...model!,
    caption: `${name} right`,
    complete: `${name} right`,
    label: `${name} right`,
    random: Array.from({ length: 15 }, (_, i) => `other ${i}`),
    onePoint: Array.from({ length: 15 }, (_, i) => ({ change: 'colour' as const, text: `${name} near ${i}` })),
    labelWrong: [{ change: 'colour', text: `${name} near 0` }],
  });
  const angle = (radians: number) => Float32Array.of(Math.cos(radians), Math.sin(radians));

  it('count a picture whose caption wins, and fail ties and single better distractors', () => {
    const trials = [trial('a'), trial('b'), trial('c')];
    const texts = new Map<string, Float32Array>([
      ['b near 3', angle(0)],
      ['c near 14', angle(0.1)],
    ]);
    const text = (name: string) => texts.get(name) ?? angle(name.endsWith('right') ? 0.1 : 1);
    const lines = clipScores(trials, { pictures: trials.map(() => angle(0)), text });
    expect(lines[0]).toMatchObject({ trials: 3, accuracy: 1 });
    expect(lines[1]).toMatchObject({ trials: 3, accuracy: 1 / 3 });
    expect(lines[2]).toMatchObject({ colour: Number((43 / 45).toFixed(4)) });
    expect(lines[3]).toMatchObject({ trials: 3, accuracy: 1 });
  });

  it('retrieve each of a hundred when every pair points its own way, and none when all are alike', () => {
    const trials = Array.from({ length: 100 }, (_, i) => trial(`t${i}`));
    const own = trials.map((_, i) => angle((i * Math.PI) / 60));
    const of = (name: string) => own[Number(/\d+/.exec(name)![0])]!;
    expect(clipScores(trials, { pictures: own, text: of }).at(-1)).toMatchObject({
      galleries: 1,
      imageToTextR1: 1,
      textToImageR1: 1,
    });
    const alike = clipScores(trials, { pictures: own.map(() => angle(0)), text: () => angle(0) }).at(-1);
    expect(alike).toMatchObject({ imageToTextR1: 0, textToImageR1: 0 });
  });
});

describe('named pairs', () => {
  it('are a colour with its shape right behind it, in the singular or the plural', () => {
    const caption = 'Two grey crosses, a large striped red heart and a blue one on a white dotted background';
    expect(namedPairs(caption)).toEqual([
      { colour: 'grey', shape: 'cross' },
      { colour: 'red', shape: 'heart' },
    ]);
    expect(namedPairs('a red')).toEqual([]);
    expect(namedPairs('a redcircle, circle red')).toEqual([]);
  });

  it('count as right when one object has both, not when two objects share them', () => {
    const scene = makeScene(200_000_000);
    const { colour, shape } = scene.objects[0]!;
    const other = shapes.find((name) => scene.objects.every((object) => object.shape !== name))!;
    const captions = [
      `a ${colour} ${shape}`,
      `a ${colour} ${shape} and a ${colour} ${other}`,
      'a drawing',
      `a ${colour} ${other}`,
    ];
    expect(
      pairAccuracy(
        captions,
        captions.map(() => scene),
      ),
    ).toEqual({ named: 4, accuracy: 0.5, faithful: 0.25 });
    const apart = {
      ...scene,
      objects: [
        { ...scene.objects[0]!, colour: 'red', shape: 'star' },
        { ...scene.objects[0]!, colour: 'blue', shape: 'ring' },
      ],
    } as const;
    expect(pairAccuracy(['a red ring'], [apart]).accuracy).toBe(0);
  });
});
