/** The small parity cases of the repository, run as `npm run parity` runs them. */
import { join } from 'node:path';
import { findCases } from '../../../tools/parity/case-folders.ts';
import { FAMILIES } from '../../../tools/parity/families.ts';
import type { Outcome, RunnerOptions } from '../../../tools/parity/outcome.ts';

export const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'parity');

export async function runFixture(name: string, precision: RunnerOptions['precision'] = 'fp32'): Promise<Outcome[]> {
  const [folder] = await findCases(join(FIXTURES, name));
  const outcomes: Outcome[] = [];
  for await (const outcome of FAMILIES.get(folder!.family)!(folder!, { precision })) outcomes.push(outcome);
  return outcomes;
}

/** What did not pass, in words; whole numbers are left out of lower precisions. */
export function complaints(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ status }) => status === 'failed').map(({ id, note }) => `${id}: ${note}`);
}
