import { describe, expect, it } from 'vitest';
import { EXCEPTIONS, lineCount, sizeViolations } from './sizes.ts';
import { listFiles, readSources } from './source-tree.ts';

const code = /^(src|editor|native|tools|bench|test)\/.*\.(ts|mjs|cpp|h|cu|py|css)$/;
const lines = (count: number) => 'x\n'.repeat(count);

describe('sizes', () => {
  it('holds in the tree', () => {
    expect(sizeViolations(readSources(code))).toEqual([]);
  });

  it('names only exceptions that exist', () => {
    const paths = new Set(listFiles(code));
    expect(Object.keys(EXCEPTIONS).filter((path) => !paths.has(path))).toEqual([]);
  });

  it('refuses a file over the hard stop', () => {
    const files = [...Array(30)].map((_, i) => ({ path: `src/f${i}.ts`, text: lines(10) }));
    expect(sizeViolations([...files, { path: 'src/big.ts', text: lines(801) }])).toEqual([
      'src/big.ts has 801 lines (limit 800)',
    ]);
  });

  it('refuses a tree of long files', () => {
    const files = [...Array(10)].map((_, i) => ({ path: `src/f${i}.ts`, text: lines(600) }));
    expect(sizeViolations(files)).toHaveLength(2);
  });

  it('lets a named exception pass', () => {
    expect(sizeViolations([{ path: 'a', text: lines(900) }], { a: 'a table' })).toEqual([]);
  });

  it('counts lines with and without a final newline', () => {
    expect([lineCount('a\nb'), lineCount('a\nb\n'), lineCount('')]).toEqual([2, 2, 1]);
  });
});
