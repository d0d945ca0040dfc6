/**
 * Looks for the compiler and CMake, and says which command installs what is missing.
 * Must not install anything itself.
 */
import { spawnSync } from 'node:child_process';

const MINIMUM_CMAKE = [3, 22];

const REMEDIES = {
  compiler: {
    Debian: 'sudo apt-get install g++',
    Fedora: 'sudo dnf install gcc-c++',
    macOS: 'xcode-select --install',
    Windows:
      'winget install Microsoft.VisualStudio.2022.BuildTools --override "--add Microsoft.VisualStudio.Workload.VCTools --quiet"',
  },
  cmake: {
    Debian: 'sudo apt-get install cmake',
    Fedora: 'sudo dnf install cmake',
    macOS: 'brew install cmake',
    Windows: 'winget install Kitware.CMake',
  },
  generator: {
    Debian: 'sudo apt-get install ninja-build',
    Fedora: 'sudo dnf install ninja-build',
    macOS: 'brew install ninja',
    Windows: '(comes with the build tools)',
  },
};

/** A list of problems, each a paragraph for a person; empty when the addon can be compiled here. */
export function missingPrerequisites(platform = process.platform, run = versionOf) {
  const problems = [];
  const cmake = run('cmake', ['--version']);
  if (cmake === undefined) {
    problems.push(describe('CMake 3.22 or newer was not found.', 'cmake'));
  } else if (!atLeast(cmake, MINIMUM_CMAKE)) {
    problems.push(describe(`CMake 3.22 or newer is needed, found ${cmake}.`, 'cmake'));
  }
  // On Windows, cmake-js looks for Visual Studio itself and CMake reports what it finds.
  if (platform === 'win32') return problems;
  problems.push(...compilerProblems(run));
  if (run('ninja', ['--version']) === undefined && run('make', ['--version']) === undefined) {
    problems.push(describe('Neither ninja nor make was found.', 'generator'));
  }
  return problems;
}

function compilerProblems(run) {
  const named = process.env.CXX;
  const gcc = named === undefined ? run('g++', ['-dumpfullversion', '-dumpversion']) : undefined;
  const clang = named === undefined ? run('clang++', ['-dumpversion']) : undefined;
  const cxx = named === undefined ? (run('c++', ['-dumpversion']) ?? gcc ?? clang) : run(named, ['-dumpversion']);
  if (cxx === undefined) {
    const where = named === undefined ? '' : ` (CXX is "${named}")`;
    return [describe(`A C++20 compiler was not found${where}: GCC 12, Clang 14 or newer.`, 'compiler')];
  }
  if (gcc !== undefined && clang === undefined && !atLeast(gcc, [12])) {
    return [describe(`GCC 12 or newer is needed, found ${gcc}.`, 'compiler')];
  }
  return [];
}

function describe(problem, kind) {
  const commands = Object.entries(REMEDIES[kind]).map(([system, command]) => `    ${system.padEnd(8)} ${command}`);
  return `${problem} Install it with:\n${commands.join('\n')}`;
}

function versionOf(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  if (result.error !== undefined || result.status !== 0) return undefined;
  return /\d+(?:\.\d+)*/.exec(result.stdout)?.[0];
}

function atLeast(version, minimum) {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
