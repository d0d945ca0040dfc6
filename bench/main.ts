/**
 * npm run bench -- NAME
 * Runs one benchmark, or lists them. A benchmark is a file of this folder that exports `run`.
 */
import { readdir } from 'node:fs/promises';

/** Prints its figures through harness/report.ts. */
type Benchmark = { readonly run: () => Promise<void> };

const names = (await readdir(import.meta.dirname))
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();
const [name] = process.argv.slice(2);
if (name === undefined) {
  console.log(`Benchmarks: ${names.join(', ')}`);
} else if (names.includes(name)) {
  const benchmark = (await import(`./${name}.ts`)) as Benchmark;
  await benchmark.run();
} else {
  console.error(`Expected one of ${names.join(', ')}, received "${name}".`);
  process.exitCode = 2;
}
