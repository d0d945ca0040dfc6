import { describe, expect, it } from 'vitest';
import type { Anchor } from '../../../src/models/free/anchor.ts';
import { createAnchorShelf } from '../../../src/models/free/anchor-shelf.ts';
import asif from '../../../src/nodes/free/asif.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { pictureFile } from '../drawn-picture.ts';
import { embedding } from '../embedding.ts';

const spaces = { image: { space: 'seen', width: 2 }, text: { space: 'read', width: 3 } };
const value = { kind: 'Model', model: 'asif', ref: 'mine' } as const;

/** Things that lie right are called by the first number, things that lie up by the second, those between by both. */
const pairs = [
  { id: 'right', image: [1, 0], text: [1, 0, 0] },
  { id: 'up', image: [0, 1], text: [0, 1, 0] },
  { id: 'left', image: [-1, 0], text: [0, 0, 1] },
] as const;

async function shelfWith(given: readonly (typeof pairs)[number][] = pairs) {
  const anchors = createAnchorShelf(temporaryFolder());
  const thumbnail = await pictureFile(6, 3);
  async function* all(): AsyncGenerator<Anchor> {
    for (const { id, image, text } of given) {
      const rows = { image: Float32Array.from(image), text: Float32Array.from(text) };
      yield { id, caption: `it lies ${id}`, picture: `${id}.png`, hash: id, thumbnail, ...rows };
    }
  }
  await anchors.changes('mine').add(spaces, all());
  return { anchors };
}

const seen = (numbers: number[], label?: string) => embedding(numbers, label, { space: 'seen' });
const read = (numbers: number[], label?: string) => embedding(numbers, label, { space: 'read' });

describe('free/asif', () => {
  it('compares what never met, and shows by which anchors', async () => {
    const services = await shelfWith();
    const query = seen([4, 3], 'photo.png');
    const candidates = [read([0, 0, 2], 'west'), read([5, 0, 0], 'east'), read([1, 1, 0], 'north-east')];
    const given = { k: 2, p: 2 };
    const { scores, explanation, pictures } = await runNode(
      asif,
      given,
      { query, candidates, anchors: value },
      services,
    );
    // The query is 0.8 right and 0.6 up: squares 0.64 and 0.36. North-east is half and half.
    const length = Math.hypot(0.64, 0.36);
    expect(scores).toMatchObject({ normalized: false, subject: 'photo.png' });
    expect(scores.entries.map(({ label }) => label)).toEqual(['north-east', 'east', 'west']);
    expect(scores.entries[0]!.score).toBeCloseTo(1 / length / Math.SQRT2, 3);
    expect(scores.entries[1]!.score).toBeCloseTo(0.64 / length, 3);
    expect(scores.entries[2]!.score).toBe(0);
    const rows = explanation.rows.map(([, answer, rank, contribution, id, caption, picture]) => {
      return [answer, rank, id, caption, picture, Math.round(Number(contribution) * length * Math.SQRT2 * 100)];
    });
    expect(rows).toEqual([
      ['north-east', 1, 'right', 'it lies right', 'right.png', 64],
      ['north-east', 2, 'up', 'it lies up', 'up.png', 36],
    ]);
    const total = explanation.rows.reduce((sum, row) => sum + Number(row[3]), 0);
    expect(total).toBeCloseTo(scores.entries[0]!.score, 6);
    expect([pictures.width, pictures.height]).toEqual([2 * 96 + 3 * 4, 96 + 2 * 4]);
  });

  it('lets the best of all prompts decide', async () => {
    const services = await shelfWith();
    const candidates = [
      read([2, 1, 0], 'even'),
      read([2, 1, 0], 'even'),
      read([9, 0, 0], 'split'),
      read([0, 0, 1], 'split'),
    ];
    const inputs = { query: seen([1, 0]), candidates, anchors: value };
    const { scores } = await runNode(asif, { best: 1 }, inputs, services);
    expect(scores.entries.map(({ label }) => label)).toEqual(['split']);
  });

  it('finds pictures for a text, too', async () => {
    const services = await shelfWith();
    const inputs = { query: read([0, 7, 0], 'up'), candidates: [seen([1, 0], 'a'), seen([0, 3], 'b')], anchors: value };
    const { scores } = await runNode(asif, { direction: 'text-to-image' }, inputs, services);
    expect(scores.entries.map(({ label }) => label)).toEqual(['b', 'a']);
    expect(scores.entries[0]!.score).toBeCloseTo(1, 6);
  });

  it('refuses other spaces, no candidates and no anchors', async () => {
    const services = await shelfWith();
    const good = { query: seen([1, 0]), candidates: [read([1, 0, 0])], anchors: value };
    const codeOf = async (more: Partial<typeof good>, given = services) =>
      (await failure(runNode(asif, {}, { ...good, ...more }, given))).code;
    expect(await codeOf({ query: embedding([1, 0], undefined, { space: 'elsewhere' }) as never })).toBe(
      'run/bad-input',
    );
    expect(await codeOf({ candidates: [seen([1, 0]) as never] })).toBe('run/bad-input');
    expect(await codeOf({ candidates: [] })).toBe('run/bad-input');
    expect(await codeOf({ anchors: { ...value, ref: 'absent' } as never })).toBe('input/not-found');
    await services.anchors.changes('mine').remove(() => true);
    expect(await codeOf({})).toBe('run/bad-input');
  });
});
