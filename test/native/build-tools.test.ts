/** The build steps: what makes them work again, and what a person reads when a tool is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './child.ts';

/** The build tools are plain JavaScript, so that they run before anything is compiled. */
async function buildTool(name: string) {
  return (await import(join(ROOT, 'tools', 'build', name))) as Record<string, (...args: never[]) => unknown>;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('stamps', () => {
  it('change with a name, a content and a fact, and with nothing else', async () => {
    const { hashInputs } = (await buildTool('stamp.mjs')) as unknown as {
      hashInputs(root: string, files: string[], facts: unknown): string;
    };
    const [first, second] = [join(folder, 'first.cpp'), join(folder, 'second.cpp')];
    writeFileSync(first, 'ab');
    writeFileSync(second, 'c');
    const before = hashInputs(folder, [first, second], { version: 1 });
    expect(hashInputs(folder, [first, second], { version: 1 })).toBe(before);
    expect(hashInputs(folder, [first, second], { version: 2 })).not.toBe(before);
    expect(hashInputs(folder, [first], { version: 1 })).not.toBe(before);
    // The same bytes, cut elsewhere.
    writeFileSync(first, 'a');
    writeFileSync(second, 'bc');
    expect(hashInputs(folder, [first, second], { version: 1 })).not.toBe(before);
  });
});

describe('locks', () => {
  it('keep two builds apart, and outlive no process', async () => {
    const { withLock } = (await buildTool('lock.mjs')) as unknown as {
      withLock<T>(path: string, work: () => Promise<T>): Promise<T>;
    };
    const path = join(folder, 'build.lock');
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path, String(dead));
    const order: string[] = [];
    const build = (name: string) =>
      withLock(path, async () => {
        order.push(`${name} starts`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        order.push(`${name} ends`);
      });
    await Promise.all([build('a'), build('b')]);
    const [first, second] = order[0] === 'a starts' ? ['a', 'b'] : ['b', 'a'];
    expect(order).toEqual([`${first} starts`, `${first} ends`, `${second} starts`, `${second} ends`]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('prerequisites', () => {
  type Run = (command: string, args: string[]) => string | undefined;
  async function problems(versions: Record<string, string>, platform = 'linux') {
    const { missingPrerequisites } = (await buildTool('prerequisites.mjs')) as unknown as {
      missingPrerequisites(platform: string, run: Run): string[];
    };
    return missingPrerequisites(platform, (command) => versions[command]);
  }
  const complete = { cmake: '3.22.1', 'g++': '12.2.0', 'c++': '12.2.0', ninja: '1.11.1' };

  it('are content with the least', async () => {
    expect(await problems(complete)).toEqual([]);
    expect(await problems({ cmake: '4.0', 'clang++': '17.0', make: '3.81' }, 'darwin')).toEqual([]);
  });

  it('name what is missing and the command for each system', async () => {
    const [cmake, compiler, generator] = await problems({});
    expect(cmake).toContain('CMake 3.22 or newer was not found');
    expect(compiler).toContain('A C++20 compiler was not found');
    expect(generator).toContain('Neither ninja nor make was found');
    for (const problem of [cmake, compiler, generator]) {
      for (const system of ['Debian', 'Fedora', 'macOS', 'Windows']) expect(problem).toContain(system);
    }
    expect(cmake).toContain('sudo apt-get install cmake');
    expect(cmake).toContain('sudo dnf install cmake');
    expect(cmake).toContain('brew install cmake');
    expect(cmake).toContain('winget install Kitware.CMake');
  });

  it('name what is too old', async () => {
    expect((await problems({ ...complete, cmake: '3.18.4' }))[0]).toContain('found 3.18.4');
    expect((await problems({ ...complete, 'g++': '11.4.0' }))[0]).toContain('GCC 12 or newer is needed, found 11.4.0');
  });
});

describe('clang-format', () => {
  const run = (mode: string, environment: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [join(ROOT, 'tools', 'build', 'clang-format.mjs'), mode], {
      encoding: 'utf8',
      env: { ...process.env, CI: '', ...environment },
    });
  const missing = { CLANG_FORMAT: join('no', 'such', 'program') };

  it('says that it skips the check without the program, and fails in CI', () => {
    const skipped = run('--check', missing);
    expect(skipped).toMatchObject({ status: 0, stderr: expect.stringContaining('check skipped') });
    expect(run('--check', { ...missing, CI: 'true' })).toMatchObject({ status: 1 });
    expect(run('--write', missing)).toMatchObject({ status: 1 });
  });

  it('refuses other arguments', () => {
    expect(run('--fix', {})).toMatchObject({ status: 2 });
  });
});
