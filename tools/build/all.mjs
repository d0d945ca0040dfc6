/**
 * npm's `prepare` and `build`: addon, TypeScript, editor, in this order, each only when its inputs changed.
 * Must not run tests or format; one line per step.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BuildError, buildAddon, ROOT, seconds } from './addon.mjs';
import { withLock } from './lock.mjs';
import { hashInputs, listFiles, readStamp, writeStamp } from './stamp.mjs';

const require = createRequire(join(ROOT, 'package.json'));
const STAMPS = join(ROOT, 'build', 'stamps');

/** Compiles src/ to dist/src. */
async function buildTypeScript() {
  const configs = ['tsconfig.json', 'tsconfig.build.json', 'package.json'].map((name) => join(ROOT, name));
  const sources = listFiles(join(ROOT, 'src'));
  return await step({
    name: 'typescript',
    inputs: [...configs, ...sources],
    tool: 'typescript',
    output: join(ROOT, 'dist', 'src'),
    // Names of sources that are gone leave outputs behind: start over when the list changes.
    names: sources.map((path) => path.slice(ROOT.length)),
    run: () => runTool('typescript', 'tsc', ['-p', 'tsconfig.build.json'], ROOT),
  });
}

/** Bundles editor/ with Vite, once it has a page. */
async function buildEditor() {
  const editor = join(ROOT, 'editor');
  if (!existsSync(join(editor, 'index.html'))) return 'editor: no editor/index.html yet, nothing to build';
  const shared = ['src/protocol', 'src/graph', 'src/errors.ts'].map((name) => join(ROOT, name));
  return await step({
    name: 'editor',
    inputs: [join(ROOT, 'package.json'), ...listFiles(editor), ...shared.flatMap(filesAt)],
    tool: 'vite',
    output: join(ROOT, 'dist', 'editor'),
    names: [],
    run: () => {
      const out = ['--outDir', join(ROOT, 'dist', 'editor'), '--emptyOutDir'];
      return runTool('vite', 'vite', ['build', '--logLevel', 'warn', ...out], editor);
    },
  });
}

async function step({ name, inputs, tool, output, names, run }) {
  const started = performance.now();
  const path = join(STAMPS, `${name}.json`);
  return await withLock(join(STAMPS, `${name}.lock`), async () => {
    const hash = hashInputs(ROOT, inputs, { tool: packageVersion(tool), node: process.versions.node });
    const stamp = readStamp(path);
    if (stamp?.hash === hash && existsSync(output)) return `${name}: up to date (${seconds(started)})`;
    if (JSON.stringify(stamp?.names) !== JSON.stringify(names) || !existsSync(output)) {
      rmSync(output, { recursive: true, force: true });
      rmSync(join(ROOT, 'dist', '.tsbuildinfo'), { force: true });
    }
    run();
    writeStamp(path, { hash, names });
    return `${name}: built (${seconds(started)})`;
  });
}

function filesAt(path) {
  return path.endsWith('.ts') ? [path] : listFiles(path);
}

function packageFile(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, 'package.json');
    if (existsSync(path)) return path;
  }
  throw new BuildError(`The package "${name}" is not installed. Run \`npm ci\` with development dependencies first.`);
}

function packageVersion(name) {
  return JSON.parse(readFileSync(packageFile(name), 'utf8')).version;
}

/** Runs the command `bin` of an installed package; throws with its output when it fails. */
function runTool(name, bin, args, folder) {
  const path = packageFile(name);
  const bins = JSON.parse(readFileSync(path, 'utf8')).bin;
  const script = join(dirname(path), typeof bins === 'string' ? bins : bins[bin]);
  const result = spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw new BuildError(`Cannot run ${bin}: ${result.error.message}`);
  if (result.status !== 0) throw new BuildError(`${result.stdout}${result.stderr}\n${bin} failed (see above).`);
}

try {
  for (const build of [buildAddon, buildTypeScript, buildEditor]) console.log(await build());
} catch (error) {
  console.error(error instanceof BuildError ? error.message : error);
  process.exitCode = 1;
}
