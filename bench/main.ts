/**
 * npm run bench -- NAME ... [--only TEXT]
 * Runs benchmarks one after the other, or lists them. A benchmark is a file of this folder that exports `run`; `--only`
 * leaves out cases of those that name their cases (harness/chosen.ts).
 */
import { readdir } from 'node:fs/promises';

/** Prints its figures through harness/report.ts. */
type Benchmark = { readonly run: () => Promise<void> };

const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();
const given = process.argv.slice(2);
const only = given.indexOf('--only');
const wanted = only < 0 ? given : given.slice(0, only);
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`Expected one of ${names.join(', ')}, received "${unknown}".`);
  process.exitCode = 2;
} else if (wanted.length === 0) {
  console.log(`Benchmarks: ${names.join(', ')}`);
}
for (const name of unknown === undefined ? wanted : []) {
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  await benchmark.run();
}
