import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixedPart, namedPaths } from '../../src/cli/named-paths.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const cwd = folder.path;
folder.write('photos/cat.png', '');
folder.write('models/tiny.onnx', '');

const named = (...values: string[]) => namedPaths({ values }, cwd);

describe('paths named on the command line', () => {
  it('are files alone, folders whole, of globs the fixed part, of models their folder', () => {
    expect(named('photos/cat.png')).toEqual([join(cwd, 'photos/cat.png')]);
    expect(named('photos', 'photos/*.png')).toEqual([join(cwd, 'photos'), join(cwd, 'photos')]);
    expect(named('models/tiny.onnx')).toEqual([join(cwd, 'models')]);
  });

  it('are not what does not exist, is no path, or is everything', () => {
    expect(
      named('', 'nothing.png', 'a cat', 'https://example.org/a', 'upload:abc.png', 'data:image/png;base64,AA'),
    ).toEqual([]);
    expect(named('/', '/*', '/*/cat.png', 'x'.repeat(10_000))).toEqual([]);
  });

  it.each([
    ['a/b.png', 'a/b.png'],
    ['a/*.png', 'a'],
    ['a/**/b.png', 'a'],
    ['a/{b,c}/d', 'a'],
    ['*.png', '.'],
    ['/*.png', '/'],
    ['/a/[bc].png', '/a'],
  ])('%s has the fixed part %s', (path, fixed) => {
    expect(fixedPart(path)).toBe(fixed);
  });
});
