/**
 * npm run parity -- --dir FOLDER [--family NAME] [--precision fp32|bf16|int8] [--list]
 * Runs every case below FOLDER against Weft, prints how close every output of a model comes, failures, skips and a last
 * line `N passed, N failed, N skipped`. Exit code 1 when something failed, 2 when asked for nothing that exists.
 */
import { parseArgs } from 'node:util';
import { toWeftError } from '../../src/errors.ts';
import { findCases } from './case-folders.ts';
import { closenessTable } from './closeness-table.ts';
import { FAMILIES } from './families.ts';
import type { CaseFolder, Outcome, RunnerOptions } from './outcome.ts';

const PRECISIONS = ['fp32', 'bf16', 'int8'] as const;
const USAGE = 'npm run parity -- --dir FOLDER [--family NAME] [--precision fp32|bf16|int8] [--list]';

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      family: { type: 'string' },
      precision: { type: 'string', default: 'fp32' },
      list: { type: 'boolean', default: false },
    },
  });
  const precision = PRECISIONS.find((one) => one === values.precision);
  if (precision === undefined)
    return complain(`Expected --precision ${PRECISIONS.join('|')}, received ${values.precision}.`);
  if (values.dir === undefined) return complain(`Expected --dir FOLDER, received none. Usage: ${USAGE}`);
  const all = await findCases(values.dir);
  const cases = all.filter(({ family }) => values.family === undefined || family === values.family);
  if (cases.length === 0) {
    const wanted = values.family === undefined ? 'a case' : `a case of family "${values.family}"`;
    return complain(`Expected ${wanted} below ${values.dir}, found none.`);
  }
  if (values.list) {
    for (const { name, family } of cases)
      console.log(`${name}  ${family}${FAMILIES.has(family) ? '' : '  (not built yet)'}`);
    return 0;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of cases) {
    const close: Outcome[] = [];
    for await (const outcome of outcomesOf(folder, { precision })) {
      counts[outcome.status] += 1;
      if (outcome.note !== undefined) console.log(`${outcome.status}  ${outcome.id}: ${outcome.note}`);
      if (outcome.closeness !== undefined) close.push(outcome);
    }
    for (const line of closenessTable(folder, close)) console.log(line);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 ? 1 : 0;
}

async function* outcomesOf(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const runner = FAMILIES.get(folder.family);
  if (runner === undefined) {
    yield { id: folder.name, status: 'skipped', note: `family "${folder.family}" is not built yet` };
    return;
  }
  try {
    yield* runner(folder, options);
  } catch (thrown) {
    yield { id: folder.name, status: 'failed', note: `the case cannot be run: ${describe(thrown)}` };
  }
}

function complain(message: string): number {
  console.error(message);
  return 2;
}

function describe(thrown: unknown): string {
  const error = toWeftError(thrown);
  return error.code === 'internal' ? String(thrown) : error.message;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.exitCode = complain(describe(thrown));
}
