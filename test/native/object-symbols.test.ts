/** Below addon/ nothing aborts, exits or prints, and no variant leaks a function to the others: read from the build. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './child.ts';
import { forbiddenSymbols, nm, nmOfEach, objectFiles, sharedSymbols } from './object-symbols.ts';

const build = join(ROOT, 'build', 'CMakeFiles');
const reason =
  spawnSync('nm', ['--version']).status !== 0
    ? 'nm is not installed'
    : existsSync(build)
      ? undefined
      : 'the addon was not compiled here (build/CMakeFiles is missing)';
if (reason !== undefined) console.log(`skipped: symbols of the compiled objects: ${reason}`);

describe.runIf(reason === undefined)('compiled objects', () => {
  const objects = reason === undefined ? objectFiles(build) : [];
  const below = objects.filter((path) => /native[/\\](core|kernels|dispatch|ops)[/\\]/.test(path));
  const variants = below.filter((path) => /native[/\\]kernels[/\\]/.test(path));

  it('are there for every layer', () => {
    for (const layer of ['core', 'kernels', 'dispatch', 'ops']) {
      expect(below.some((path) => path.includes(join('native', layer)))).toBe(true);
    }
    expect(variants.length).toBeGreaterThanOrEqual(2);
  });

  it('neither end the process nor print', () => {
    const outputs = nmOfEach(['-u'], below);
    const found = [...outputs].flatMap(([path, output]) =>
      forbiddenSymbols(output).map((name) => `${basename(path)}: ${name}`),
    );
    // A kernel may need nothing of others; the core does.
    expect([...outputs.values()].filter((output) => output !== '').length).toBeGreaterThan(10);
    expect(found).toEqual([]);
  });

  it('of one instruction set share no function with the others', () => {
    const outputs = nmOfEach([], variants);
    const found = [...outputs].flatMap(([path, output]) =>
      sharedSymbols(output).map((name) => `${basename(path)}: ${name}`),
    );
    expect([...outputs.values()].every((output) => output !== '')).toBe(true);
    expect(found).toEqual([]);
  });

  it('leave no symbol of Highway to be found at run time', () => {
    const undefinedNames = nm(['-u'], join(ROOT, 'build', 'Release', 'weft.node'));
    expect(undefinedNames.split('\n').filter((line) => line.includes('hwy'))).toEqual([]);
  });
});

describe('the rules', () => {
  it('see what they forbid', () => {
    const sample = [
      '                 U abort',
      '                 U exit@GLIBC_2.2.5',
      '                 U __printf_chk',
      '                 U fprintf',
      '                 U hwy::Abort(char const*, int, char const*, ...)',
      '                 U memcpy',
      '                 U std::cerr@GLIBCXX_3.4',
      '                 U weft::status_message(weft::Status)',
    ].join('\n');
    expect(forbiddenSymbols(sample)).toEqual([
      'abort',
      'exit@GLIBC_2.2.5',
      '__printf_chk',
      'fprintf',
      'hwy::Abort(char const*, int, char const*, ...)',
      'std::cerr@GLIBCXX_3.4',
    ]);
  });

  it('see a function that the linker may share', () => {
    const sample =
      '0000000000000000 W hwy::CopyBytes(void*)\n0000000000000010 t weft::kernels::clip(int)\n                 U memcpy';
    expect(sharedSymbols(sample)).toEqual(['hwy::CopyBytes(void*)']);
  });
});
