/** Detection scores against pycocotools' (tools/fixtures/coco_detection.py), and by hand. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CocoDetectionScores, cocoDetectionScores } from '../../src/metrics/coco-detection.ts';

type Corner = readonly [number, number, number, number];
interface Case {
  readonly truth: readonly { picture: number; category: number; box: Corner; area: number; isCrowd: boolean }[];
  readonly found: readonly { picture: number; category: number; box: Corner; score: number }[];
  readonly scores: CocoDetectionScores;
}

const CASES: readonly Case[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/detections.json', import.meta.url), 'utf8'),
);

function boxed<Object extends { readonly box: Corner }>(objects: readonly Object[]) {
  return objects.map(({ box: [x, y, width, height], ...rest }) => ({ ...rest, box: { x, y, width, height } }));
}

describe('COCO detection scores', () => {
  it.each(CASES.map((one, index) => ({ index, ...one })))('are those of pycocotools, set $index', (one) => {
    const scores = cocoDetectionScores(boxed(one.found), boxed(one.truth));
    for (const [name, value] of Object.entries(one.scores)) {
      expect(scores[name as keyof CocoDetectionScores], name).toBeCloseTo(value, 10);
    }
  });

  it('count what is found twice as wrong', () => {
    const box = { x: 0, y: 0, width: 50, height: 50 };
    const truth = [{ picture: 1, category: 1, box }];
    const found = [0.9, 0.8].map((score) => ({ picture: 1, category: 1, score, box }));
    expect(cocoDetectionScores(found, truth).ap).toBe(1);
    expect(cocoDetectionScores([{ ...found[0]!, box: { ...box, x: 40 } }, found[1]!], truth).ap).toBe(0.5);
    expect(cocoDetectionScores(found, truth).apSmall).toBeNaN();
  });

  it('refuse a set without truth', () => {
    expect(() => cocoDetectionScores([], [])).toThrow(/at least one true object/);
  });
});
