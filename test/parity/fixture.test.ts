import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCases } from '../../tools/parity/case-folders.ts';
import { FAMILIES } from '../../tools/parity/families.ts';
import type { Outcome } from '../../tools/parity/outcome.ts';
import { runPreprocess } from '../../tools/parity/preprocess/run.ts';

async function outcomes(directory: string): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (const folder of await findCases(directory)) {
    if (folder.family !== 'preprocess') continue;
    for await (const outcome of runPreprocess(folder)) all.push(outcome);
  }
  return all;
}

const ids = (all: readonly Outcome[], status: string) => all.filter((one) => one.status === status).map(({ id }) => id);
const notes = (all: readonly Outcome[]) =>
  all.filter(({ status }) => status === 'failed').map(({ id, note }) => `${id}: ${note}`);

describe('decoding and image processors against Pillow and transformers', () => {
  it('agree on the small pictures in the repository', async () => {
    const all = await outcomes(join(import.meta.dirname, '..', 'fixtures', 'parity'));
    expect(notes(all)).toEqual([]);
    expect(ids(all, 'skipped')).toEqual([]);
    expect(ids(all, 'passed').length).toBeGreaterThanOrEqual(90);
  });
});

const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'parity');
if (!existsSync(shared)) console.warn(`skipped: the large reference is compared only where ${shared} exists`);

describe.skipIf(!existsSync(shared))('the large reference', () => {
  it('agrees', { timeout: 120_000 }, async () => {
    const all = await outcomes(shared);
    expect(notes(all)).toEqual([]);
    expect(ids(all, 'skipped')).toEqual([]);
    expect(ids(all, 'passed').length).toBeGreaterThanOrEqual(332);
  });

  it('agrees on every model that is built', { timeout: 120_000 }, async () => {
    const all: Outcome[] = [];
    for (const folder of await findCases(shared)) {
      const runner = folder.family === 'preprocess' ? undefined : FAMILIES.get(folder.family);
      if (runner === undefined) continue;
      for await (const outcome of runner(folder, { precision: 'fp32' })) all.push(outcome);
    }
    expect(notes(all)).toEqual([]);
    expect(ids(all, 'passed').length).toBeGreaterThanOrEqual(100);
  });
});
