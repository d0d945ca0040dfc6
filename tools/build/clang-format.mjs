/**
 * Checks (--check) or rewrites (--write) the layout of native/** with clang-format and the root's .clang-format.
 * Must not pass silently: without the program it says so, and in CI that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from './stamp.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mode = process.argv[2];
if (mode !== '--check' && mode !== '--write') {
  console.error('Usage: node tools/build/clang-format.mjs --check | --write');
  process.exit(2);
}

const files = listFiles(join(root, 'native'), (name) => /\.(h|hpp|cpp|cc|cu|cuh)$/.test(name));
const flags = mode === '--check' ? ['--dry-run', '--Werror'] : ['-i'];
const program = process.env.CLANG_FORMAT ?? 'clang-format';
const result = spawnSync(program, [...flags, '--style=file', ...files], { cwd: root, stdio: 'inherit' });

if (result.error !== undefined) {
  const mandatory = mode === '--write' || (process.env.CI ?? '') !== '';
  console.error(`clang-format: ${mandatory ? 'cannot run' : 'check skipped'}: "${program}" was not found.`);
  process.exitCode = mandatory ? 1 : 0;
} else if (result.status !== 0) {
  process.exitCode = 1;
} else {
  console.log(`clang-format: ${files.length} files ${mode === '--check' ? 'in order' : 'formatted'}`);
}
