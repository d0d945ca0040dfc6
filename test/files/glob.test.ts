import { describe, expect, it } from 'vitest';
import { compileGlob, MAX_ALTERNATIVES } from '../../src/files/glob.ts';

const match = (pattern: string, name: string): boolean | undefined => compileGlob(pattern)?.(name);

describe('compileGlob', () => {
  it.each([
    ['*.png', 'a.png', 'a.pngx'],
    ['*.png', '.png', 'more/a.png'],
    ['a?c', 'abc', 'ac'],
    ['?', '🙂', 'ab'],
    ['[a-c]x[!0-9]', 'bxy', 'bx1'],
    ['[]x]', ']', 'y'],
    ['[x', '[x', 'x'],
    ['*a*b*c', 'xxaxbxbc', 'xxaxbxbcd'],
    ['**/*.png', 'a.png', 'a.jpg'],
    ['**/*.png', 'a/b/c.png', 'a/b/c.jpg'],
    ['a/**/b/*', 'a/x/b/y/b/z', 'b/z'],
    ['a/**', 'a/b/c', 'b/a'],
    ['*.{png,jp{g,eg}}', 'a.jpeg', 'a.jp'],
    ['{more,less}/*', 'less/a', 'other/a'],
    ['scene-{8..11}.png', 'scene-10.png', 'scene-12.png'],
    ['{x}', '{x}', 'x'],
    ['\\*', '*', 'a'],
    ['photo (1)*+.png', 'photo (1)x+.png', 'photo 1.png'],
  ])('%s takes %s, not %s', (pattern, taken, refused) => {
    expect(match(pattern, taken)).toBe(true);
    expect(match(pattern, refused)).toBe(false);
  });

  it('ends on patterns that make a regular expression backtrack without end', () => {
    const name = `${'a'.repeat(250)}.jpg`;
    for (const pattern of [`${'*?'.repeat(100)}~`, `${'*a'.repeat(100)}~`, '([a-z]+)+~*', `${'**/'.repeat(200)}~`]) {
      expect(match(pattern, name)).toBe(false);
    }
  });

  it('refuses braces that stand for too many patterns', () => {
    expect(compileGlob('{a,b}'.repeat(40))).toBeUndefined();
    expect(compileGlob('{1..999999999}')).toBeUndefined();
    expect(compileGlob(`{1..${MAX_ALTERNATIVES}}`)).toBeDefined();
  });
});
