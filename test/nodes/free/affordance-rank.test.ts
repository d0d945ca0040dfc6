import { describe, expect, it } from 'vitest';
import affordanceRank from '../../../src/nodes/free/affordance-rank.ts';
import type { BoxesValue, ScoresValue } from '../../../src/protocol/value.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';

const scores = (entries: Record<string, number>, normalized = true): ScoresValue => ({
  kind: 'Scores',
  entries: Object.entries(entries).map(([label, score]) => ({ label, score })),
  normalized,
});
const likelihoods = scores({ 'pick up the sponge': 0.6, 'pick up the red ring': 0.3, 'go home': 0.1 });
const none = { affordances: undefined, boxes: undefined };

describe('free/affordance-rank', () => {
  it('ranks by likelihood times affordance', async () => {
    const affordances = scores({ 'go home': 1, 'pick up the red ring': 0.8, 'pick up the sponge': 0.1 }, false);
    const { scores: ranked, table } = await runNode(affordanceRank, {}, { ...none, likelihoods, affordances });
    const total = 0.06 + 0.24 + 0.1;
    expect(ranked.entries.map(({ label }) => label)).toEqual(['pick up the red ring', 'go home', 'pick up the sponge']);
    expect(ranked.entries[0]!.score).toBeCloseTo(0.24 / total, 10);
    expect(table.rows[0]).toEqual(['pick up the red ring', 0.3, 0.8, 0.24]);
  });

  it('takes log-likelihoods, and what a detector found', async () => {
    const logarithms = scores(
      { 'pick up the sponge': Math.log(6) - 50, 'pick up the red ring': Math.log(3) - 50, 'go home': -50 },
      false,
    );
    const box = { x: 0, y: 0, width: 1, height: 1 };
    const boxes: BoxesValue = {
      kind: 'Boxes',
      boxes: [
        { ...box, label: 'Red ring', score: 0.5 },
        { ...box, label: 'red ring', score: 0.9 },
        { ...box, label: 'ring', score: 0.7 },
        { ...box, label: 'spon', score: 1 },
      ],
      imageWidth: 8,
      imageHeight: 8,
    };
    const { table } = await runNode(affordanceRank, { unseen: 0.2 }, { ...none, likelihoods: logarithms, boxes });
    const rows = table.rows.map(([skill, likelihood, affordance]) => [
      skill,
      Math.round(Number(likelihood) * 100),
      affordance,
    ]);
    expect(rows).toEqual([
      ['pick up the red ring', 30, 0.9],
      ['pick up the sponge', 60, 0.2],
      ['go home', 10, 0.2],
    ]);
  });

  it('gives no skill a chance where nothing is possible', async () => {
    const boxes: BoxesValue = { kind: 'Boxes', boxes: [], imageWidth: 8, imageHeight: 8 };
    const { scores: ranked } = await runNode(affordanceRank, {}, { ...none, likelihoods, boxes });
    expect(ranked.entries.map(({ score }) => score)).toEqual([0, 0, 0]);
  });

  it('refuses what cannot be ranked', async () => {
    const affordances = scores({ 'go home': 1 });
    const boxes: BoxesValue = { kind: 'Boxes', boxes: [], imageWidth: 8, imageHeight: 8 };
    const bad = [
      { ...none, likelihoods },
      { likelihoods, affordances, boxes },
      { ...none, likelihoods, affordances },
      { ...none, likelihoods: scores({}), affordances },
      { ...none, likelihoods: scores({ 'go home': 1 }), affordances: scores({ 'go home': 1.5 }) },
      { ...none, likelihoods: scores({ 'go home': Number.NaN }), affordances },
    ];
    for (const inputs of bad) {
      expect(await failure(runNode(affordanceRank, {}, inputs))).toMatchObject({ code: 'run/bad-input' });
    }
  });
});
