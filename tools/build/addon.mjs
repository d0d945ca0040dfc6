/**
 * Compiles the native addon to build/Release/weft.node: cmake-js finds the generator and the toolset, CMake builds.
 * `node tools/build/addon.mjs [--output DIR]`; WEFT_SANITIZE=address,undefined compiles with sanitizers.
 * Must not download anything: the headers come from node-api-headers, node-addon-api and sharp's development package
 * (cmake-js fetches Node's own headers only for addons whose package.json names no `binary.napi_versions`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withLock } from './lock.mjs';
import { missingPrerequisites } from './prerequisites.mjs';
import { hashInputs, listFiles, readStamp, writeStamp } from './stamp.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const ADDON = join(ROOT, 'build', 'Release', 'weft.node');

const HEADER_PACKAGES = ['node-api-headers', 'node-addon-api', '@img/sharp-libvips-dev'];
const require = createRequire(join(ROOT, 'package.json'));

/** A failure that has a clear message of its own and needs no stack. */
export class BuildError extends Error {}

/** Compiles into `output` when an input changed; resolves to one line that tells what was done. Throws BuildError. */
export async function buildAddon(output = join(ROOT, 'build')) {
  const started = performance.now();
  const addon = join(output, 'Release', 'weft.node');
  const stampPath = join(output, 'stamps', 'addon.json');
  return await withCompileLock(output, async () => {
    const hash = addonInputs();
    const stamp = readStamp(stampPath);
    if (stamp?.hash === hash && existsSync(addon)) return `addon: up to date (${seconds(started)})`;
    const problems = missingPrerequisites();
    if (problems.length > 0) {
      throw new BuildError(`The native addon cannot be compiled here.\n\n${problems.join('\n\n')}`);
    }
    await compile(output, stamp?.configure);
    if (!existsSync(addon)) throw new BuildError(`CMake ended without an error, but ${addon} is missing.`);
    writeStamp(stampPath, { hash, configure: await configureKey(output) });
    return `addon: compiled ${relative(ROOT, addon)} (${seconds(started)})`;
  });
}

/** Runs `work` while nobody else compiles in `output`. */
export function withCompileLock(output, work) {
  return withLock(join(output, 'stamps', 'addon.lock'), work);
}

/** Seconds since `started`, as the build lines show them. */
export function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

function addonInputs() {
  const sources = listFiles(join(ROOT, 'native'), (name) => /\.(h|hpp|cpp|cc|cu|cuh|txt|cmake)$/.test(name));
  const versions = HEADER_PACKAGES.map((name) => [name, packageVersion(name)]);
  const facts = { versions, platform: process.platform, arch: process.arch, compiler: compilerChoice() };
  return hashInputs(ROOT, [join(ROOT, 'CMakeLists.txt'), ...sources], facts);
}

/** What the environment tells CMake about the compiler. */
function compilerChoice() {
  const { CXX = '', CC = '', CXXFLAGS = '', LDFLAGS = '', WEFT_SANITIZE = '' } = process.env;
  return { CXX, CC, CXXFLAGS, LDFLAGS, WEFT_SANITIZE };
}

/** Where a dependency lives: beside us in a dependent's node_modules, below us in a clone. */
function packageFolder(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name);
    if (existsSync(join(path, 'package.json'))) return path;
  }
  throw new BuildError(`The package "${name}" is not installed. Run \`npm install\` first.`);
}

function packageVersion(name) {
  return JSON.parse(readFileSync(join(packageFolder(name), 'package.json'), 'utf8')).version;
}

function buildSystem(output) {
  const { BuildSystem } = require('cmake-js');
  return new BuildSystem({
    directory: resolve(ROOT),
    out: resolve(output),
    config: 'Release',
    parallel: availableParallelism(),
    noLog: true,
    cMakeOptions: {
      WEFT_HIGHWAY_INCLUDE: join(packageFolder('@img/sharp-libvips-dev'), 'include'),
      WEFT_SANITIZE: process.env.WEFT_SANITIZE ?? '',
    },
  });
}

async function configureCommand(output) {
  try {
    return await buildSystem(output).getConfigureCommand();
  } catch (error) {
    throw new BuildError(`The native addon cannot be compiled here: ${error.message}`);
  }
}

/** Changes when CMake must be configured afresh: another command line, compiler or place. */
async function configureKey(output) {
  return JSON.stringify([await configureCommand(output), compilerChoice()]);
}

async function compile(output, previousKey) {
  const configured = existsSync(join(output, 'CMakeCache.txt'));
  if (!configured || previousKey !== (await configureKey(output))) {
    // A cache of another compiler or of a moved folder is refused or, worse, half used by CMake.
    rmSync(join(output, 'CMakeCache.txt'), { force: true });
    rmSync(join(output, 'CMakeFiles'), { force: true, recursive: true });
    runStep('configure', output, await configureCommand(output));
  }
  runStep('build', output, await buildSystem(output).getBuildCommand());
}

/** Runs quietly; on failure shows everything the step printed. */
function runStep(step, output, [command, ...args]) {
  mkdirSync(output, { recursive: true });
  const result = spawnSync(command, args, { cwd: output, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw new BuildError(`Cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new BuildError(`${result.stdout}${result.stderr}\nThe ${step} step of the native addon failed (see above).`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { output: { type: 'string', default: join(ROOT, 'build') } } });
    console.log(await buildAddon(resolve(values.output)));
  } catch (error) {
    console.error(error instanceof BuildError ? error.message : error);
    process.exitCode = 1;
  }
}
