/** The addon's tests in C++: every kernel and every operator for every instruction set, built and run by ctest. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './child.ts';

const RUNNER = join(ROOT, 'tools', 'native-tests', 'run.mjs');
/** Room for a slow machine that compiles every program first. */
const LIMIT = 15 * 60_000;

async function runTests(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  // Whatever is forced here is no business of programs that force each instruction set themselves.
  const { WEFT_ISA: _isa, WEFT_THREADS: _threads, ...env } = process.env;
  const child = spawn(process.execPath, [RUNNER, ...args], { cwd: ROOT, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** ctest's last lines: how many passed, how long it took, what was skipped. */
function summaryOf(output: string): string {
  const start = output.search(/^\d+% tests passed/m);
  return start < 0 ? '' : output.slice(start).trim();
}

describe('native tests', () => {
  it('pass for every instruction set of this processor', { timeout: LIMIT }, async () => {
    const { code, output } = await runTests([]);
    const summary = summaryOf(output);
    expect(code, output).toBe(0);
    expect(summary).toMatch(/^100% tests passed, 0 tests failed out of [1-9]/);
    console.log(`native tests: ${summary}`);
  });

  it('fail when none is found', { timeout: LIMIT }, async () => {
    const { code, output } = await runTests(['--filter', '^no such test$']);
    expect(code).not.toBe(0);
    expect(output).toContain('No tests were found');
  });
});
