/** Every family's saved graph, executed on a real picture with a checkpoint small enough for the repository. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputItem, RunResult } from '../../src/protocol/run.ts';
import type { Value } from '../../src/protocol/value.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { writeTinyCheckpoint } from '../models/tiny-checkpoint.ts';
import { FAMILY_RUNS, type FamilyRun, OTHER_PICTURE } from './family-runs.ts';
import { failuresOf, runGraph } from './run-graph.ts';

/** Side of the example pictures, pixels. */
const SIDE = 256;

function outputsOf(result: RunResult): Value[] {
  if (result.status !== 'finished') throw result.error ?? new Error(`the run ${result.status}`);
  return Object.values(result.outputs).flatMap((items: readonly OutputItem[]) => items.map(({ value }) => value));
}

function checkScores(scores: readonly number[], normalized: boolean): void {
  expect(scores.length).toBeGreaterThan(0);
  for (const [index, score] of scores.entries()) {
    expect(Number.isFinite(score)).toBe(true);
    if (normalized) expect(score >= 0 && score <= 1).toBe(true);
    if (index > 0) expect(score).toBeLessThanOrEqual(scores[index - 1]!);
  }
}

function checkValue(value: Value, { sumsToOne = false }: FamilyRun): void {
  switch (value.kind) {
    case 'Scores': {
      const scores = value.entries.map(({ score }) => score);
      checkScores(scores, value.normalized);
      if (sumsToOne) expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
      break;
    }
    case 'Boxes':
      expect(value).toMatchObject({ imageWidth: SIDE, imageHeight: SIDE });
      checkScores(
        value.boxes.map(({ score }) => score),
        true,
      );
      for (const { x, y, width, height } of value.boxes) {
        expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(0);
        expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(SIDE * (1 + 1e-6));
      }
      break;
    case 'Masks':
      expect(value).toMatchObject({ width: SIDE, height: SIDE });
      expect(value.masks.length).toBeGreaterThan(0);
      for (const { data, score } of value.masks) {
        expect(data.length).toBe(SIDE * SIDE);
        expect(data.every((bit) => bit === 0 || bit === 1)).toBe(true);
        expect(Number.isFinite(score)).toBe(true);
      }
      break;
    case 'Answer':
    case 'Caption':
      expect(value.text.length).toBeGreaterThan(0);
      if (value.score !== undefined) expect(Number.isFinite(value.score)).toBe(true);
      break;
    case 'Embedding':
      expect(value.data.length).toBeGreaterThan(0);
      expect(value.data.every(Number.isFinite)).toBe(true);
      break;
    default:
      throw new Error(`no family gives ${value.kind}`);
  }
}

describe.each(Object.entries(FAMILY_RUNS))('graphs/%s.json', (name, run) => {
  it('answers with a small checkpoint, and otherwise for something else', async () => {
    const folder = temporaryFolder();
    await writeTinyCheckpoint(join(folder, 'model'), run);
    const { set = {}, change = OTHER_PICTURE } = run;
    const answers: Value[][] = [];
    for (const more of [{}, change]) {
      const result = await runGraph(name, { bases: [folder], set: { model: './model', ...set, ...more } });
      expect(failuresOf(result)).toEqual([]);
      answers.push(outputsOf(result));
    }
    for (const value of answers.flat()) checkValue(value, run);
    const [first, second] = answers.map((values) => JSON.stringify(values.map(withoutSubject)));
    expect(second).not.toBe(first);
  });
});

/** A result that only names another picture is the same result. */
function withoutSubject(value: Value): unknown {
  if (value.kind === 'Embedding') return [...value.data];
  return 'subject' in value ? { ...value, subject: undefined } : value;
}
