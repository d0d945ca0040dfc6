/** Top-k, AUROC, Winoground and mean IoU, by hand. */
import { describe, expect, it } from 'vitest';
import { auroc } from '../../src/metrics/auroc.ts';
import { meanIou } from '../../src/metrics/mean-iou.ts';
import { recallAt } from '../../src/metrics/ranking.ts';
import { winoground } from '../../src/metrics/winoground.ts';

describe('recall at k', () => {
  const queries = [
    { scores: [0.1, 0.9, 0.5], right: [2] },
    { scores: [3, 2, 1], right: [2, 0] },
    { scores: [1, 1, 1], right: [1] },
  ];

  it('takes the best of several right candidates, and the earlier of equal ones first', () => {
    expect(recallAt(1, queries)).toBeCloseTo(1 / 3, 12);
    expect(recallAt(2, queries)).toBe(1);
  });

  it('refuses nothing, nobody right, and what is no number', () => {
    expect(() => recallAt(1, [])).toThrow(/at least one query/);
    expect(() => recallAt(1, [{ scores: [1], right: [] }])).toThrow(/a right candidate for query 1/);
    expect(() => recallAt(1, [{ scores: [1], right: [1] }])).toThrow(/candidates below 1/);
    expect(() => recallAt(1, [{ scores: [1, Number.NaN], right: [0] }])).toThrow(/NaN at candidate 1/);
  });
});

describe('AUROC', () => {
  const examples = (positive: readonly number[], negative: readonly number[]) => [
    ...positive.map((score) => ({ score, isPositive: true })),
    ...negative.map((score) => ({ score, isPositive: false })),
  ];

  it('counts pairs in the right order, ties half', () => {
    const [positive, negative] = [
      [0.9, 0.4, 0.4, 0.35],
      [0.4, 0.3, 0.35],
    ];
    const pairs = positive.flatMap((a) => negative.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
    const share = pairs.reduce<number>((sum, one) => sum + one, 0) / pairs.length;
    expect(auroc(examples(positive, negative))).toBeCloseTo(share, 12);
    expect(auroc(examples([1, 1], [1, 1]))).toBe(0.5);
    expect(auroc(examples([0], [1]))).toBe(0);
  });

  it('refuses one class, and scores that are no numbers', () => {
    expect(() => auroc(examples([1], []))).toThrow(/both classes/);
    expect(() => auroc(examples([Number.NaN], [1]))).toThrow(/NaN for example 1/);
  });
});

describe("Winoground's scores", () => {
  it('ask for both captions, both pictures, and all of it', () => {
    const examples = [
      [
        [2, 1],
        [1, 2],
      ],
      [
        [3, 4],
        [2, 5],
      ],
      [
        [5, 2],
        [6, 7],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ] as const;
    expect(winoground(examples)).toEqual({ text: 0.5, image: 0.5, group: 0.25 });
    expect(() => winoground([])).toThrow(/at least one example/);
  });
});

describe('mean IoU', () => {
  it('adds up pictures before it divides, and leaves out unlabelled pixels and absent classes', () => {
    const scores = meanIou(
      [
        { found: [0, 0, 1, 1], truth: [0, 1, 1, 255] },
        { found: [0, 1], truth: [0, 0] },
      ],
      { classes: 3 },
    );
    expect(scores.iou).toEqual([2 / 4, 1 / 3, Number.NaN]);
    expect(scores.meanIou).toBeCloseTo((2 / 4 + 1 / 3) / 2, 12);
    expect(scores.pixelAccuracy).toBe(3 / 5);
  });

  it('refuses other sizes, other classes, and no pixel', () => {
    expect(() => meanIou([{ found: [0], truth: [0, 0] }], { classes: 1 })).toThrow(/2 pixels of picture 1/);
    expect(() => meanIou([{ found: [1], truth: [0] }], { classes: 1 })).toThrow(/classes from 0 to 0/);
    expect(() => meanIou([{ found: [0], truth: [255] }], { classes: 1 })).toThrow(/labelled pixel/);
  });
});
