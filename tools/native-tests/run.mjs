/**
 * Builds the native tests beside the addon, so that its layers are compiled once, and runs them with ctest.
 * `node tools/native-tests/run.mjs [--output DIR] [--filter REGEX]`; WEFT_SANITIZE as for tools/build/addon.mjs.
 * Must not pass when nothing was run.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError, buildAddon, ROOT, seconds, withCompileLock } from '../build/addon.mjs';

const JOBS = String(availableParallelism());

async function buildTests(output) {
  console.log(await buildAddon(output));
  const started = performance.now();
  await withCompileLock(output, async () => {
    const target = ['--build', output, '--config', 'Release', '--target', 'native_tests', '--parallel', JOBS];
    const built = spawnSync('cmake', target, { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (built.error !== undefined) throw new BuildError(`Cannot run cmake: ${built.error.message}`);
    if (built.status !== 0) {
      throw new BuildError(`${built.stdout}${built.stderr}\nThe native tests do not compile (see above).`);
    }
  });
  console.log(`native tests: built (${seconds(started)})`);
}

function runTests(output, filter) {
  const choice = filter === undefined ? [] : ['--tests-regex', filter];
  const run = ['--test-dir', output, '--build-config', 'Release', '--output-on-failure', '--no-tests=error'];
  const result = spawnSync('ctest', [...run, '--parallel', JOBS, ...choice], { stdio: 'inherit' });
  if (result.error !== undefined) throw new BuildError(`Cannot run ctest: ${result.error.message}`);
  return result.status ?? 1;
}

try {
  const { values } = parseArgs({
    options: { output: { type: 'string', default: join(ROOT, 'build') }, filter: { type: 'string' } },
  });
  const output = resolve(values.output);
  await buildTests(output);
  process.exitCode = runTests(output, values.filter);
} catch (error) {
  console.error(error instanceof BuildError ? error.message : error);
  process.exitCode = 1;
}
