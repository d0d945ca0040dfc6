/**
 * Compiles the native addon to build/Release/weft.node: cmake-js finds the generator and the toolset, CMake builds.
 * Must not download anything: the headers come from node-api-headers, node-addon-api and sharp's development package
 * (cmake-js fetches Node's own headers only for addons whose package.json names no `binary.napi_versions`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { missingPrerequisites } from './prerequisites.mjs';
import { hashInputs, listFiles, readStamp, writeStamp } from './stamp.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const ADDON = join(ROOT, 'build', 'Release', 'weft.node');

const BUILD = join(ROOT, 'build');
const STAMP = join(BUILD, 'stamps', 'addon.json');
const HEADER_PACKAGES = ['node-api-headers', 'node-addon-api', '@img/sharp-libvips-dev'];
const require = createRequire(join(ROOT, 'package.json'));

/** A failure that has a clear message of its own and needs no stack. */
export class BuildError extends Error {}

/** Compiles when an input changed; resolves to one line that tells what was done. Throws BuildError. */
export async function buildAddon() {
  const started = performance.now();
  return await withLock(join(BUILD, 'stamps', 'addon.lock'), async () => {
    const hash = addonInputs();
    const stamp = readStamp(STAMP);
    if (stamp?.hash === hash && existsSync(ADDON)) return `addon: up to date (${seconds(started)})`;
    const problems = missingPrerequisites();
    if (problems.length > 0) {
      throw new BuildError(`The native addon cannot be compiled here.\n\n${problems.join('\n\n')}`);
    }
    await compile(stamp?.configure);
    writeStamp(STAMP, { hash, configure: await configureKey() });
    return `addon: compiled ${relative(ROOT, ADDON)} (${seconds(started)})`;
  });
}

/** Seconds since `started`, as the build lines show them. */
export function seconds(started) {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

function addonInputs() {
  const sources = listFiles(join(ROOT, 'native'), (name) => /\.(h|hpp|cpp|cc|cu|cuh|txt|cmake)$/.test(name));
  const versions = HEADER_PACKAGES.map((name) => [name, packageVersion(name)]);
  const { CXX = '', CC = '', CXXFLAGS = '', LDFLAGS = '' } = process.env;
  const facts = { versions, platform: process.platform, arch: process.arch, CXX, CC, CXXFLAGS, LDFLAGS };
  return hashInputs(ROOT, [join(ROOT, 'CMakeLists.txt'), ...sources], facts);
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

function buildSystem() {
  const { BuildSystem } = require('cmake-js');
  return new BuildSystem({
    directory: resolve(ROOT),
    out: resolve(BUILD),
    config: 'Release',
    parallel: availableParallelism(),
    noLog: true,
    cMakeOptions: { WEFT_HIGHWAY_INCLUDE: join(packageFolder('@img/sharp-libvips-dev'), 'include') },
  });
}

async function configureCommand() {
  try {
    return await buildSystem().getConfigureCommand();
  } catch (error) {
    throw new BuildError(`The native addon cannot be compiled here: ${error.message}`);
  }
}

/** Changes when CMake must be configured afresh: another command line, compiler or place. */
async function configureKey() {
  const { CXX = '', CC = '', CXXFLAGS = '', LDFLAGS = '' } = process.env;
  return JSON.stringify([await configureCommand(), CXX, CC, CXXFLAGS, LDFLAGS]);
}

async function compile(previousKey) {
  const configured = existsSync(join(BUILD, 'CMakeCache.txt'));
  if (!configured || previousKey !== (await configureKey())) {
    // A cache of another compiler or of a moved folder is refused or, worse, half used by CMake.
    rmSync(join(BUILD, 'CMakeCache.txt'), { force: true });
    rmSync(join(BUILD, 'CMakeFiles'), { force: true, recursive: true });
    runStep('configure', await configureCommand());
  }
  runStep('build', await buildSystem().getBuildCommand());
  if (!existsSync(ADDON)) throw new BuildError(`CMake ended without an error, but ${ADDON} is missing.`);
}

/** Runs quietly; on failure shows everything the step printed. */
function runStep(step, [command, ...args]) {
  mkdirSync(BUILD, { recursive: true });
  const result = spawnSync(command, args, { cwd: BUILD, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error !== undefined) throw new BuildError(`Cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) {
    throw new BuildError(`${result.stdout}${result.stderr}\nThe ${step} step of the native addon failed (see above).`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(await buildAddon());
  } catch (error) {
    console.error(error instanceof BuildError ? error.message : error);
    process.exitCode = 1;
  }
}
