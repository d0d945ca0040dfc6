/** The drawn world's truth: the same seed gives the same scene, and scenes keep their own rules. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { distance } from '../../tools/zoo/world/colour.ts';
import { captionsOf, truthRecord } from '../../tools/zoo/world/datasets.ts';
import { Random } from '../../tools/zoo/world/random.ts';
import { generatorVersion, makeScene } from '../../tools/zoo/world/scene.ts';
import { splitOf, splitRanges } from '../../tools/zoo/world/splits.ts';
import { colours, shapes, sizeRange, sizes, textures } from '../../tools/zoo/world/vocabulary.ts';

const scenes = Array.from({ length: 400 }, (_, i) => makeScene(splitRanges.test[0] + i));

describe('random numbers', () => {
  it('repeat for a seed and stream, and differ between streams and neighbouring seeds', () => {
    const draw = (seed: number, stream: string) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(7, 'a')).toEqual(draw(7, 'a'));
    expect(draw(7, 'a')).not.toEqual(draw(7, 'b'));
    expect(draw(7, 'a')).not.toEqual(draw(8, 'a'));
  });

  it('are uniform: mean, spread and every bucket of ten within five standard errors', () => {
    const random = new Random(1, 'uniform');
    const count = 20_000;
    const buckets = new Array<number>(10).fill(0);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = random.next();
      sum += value;
      buckets[Math.floor(value * 10)]!++;
    }
    expect(Math.abs(sum / count - 0.5)).toBeLessThan(5 / Math.sqrt(12 * count));
    const error = Math.sqrt(count * 0.1 * 0.9);
    for (const bucket of buckets) expect(Math.abs(bucket - count / 10)).toBeLessThan(5 * error);
  });
});

describe('scenes', () => {
  it('are the same for the same seed, in the version that docs/zoo.md names', () => {
    const digest = createHash('sha256');
    for (const scene of scenes.slice(0, 64)) digest.update(JSON.stringify(truthRecord(scene)));
    expect({ version: generatorVersion, hash: digest.digest('hex').slice(0, 16) }).toMatchInlineSnapshot(`
      {
        "hash": "ab52ae00a5ded7e4",
        "version": 1,
      }
    `);
    expect(makeScene(123456)).toEqual(makeScene(123456));
  });

  it('hold 1 to 5 objects, few more often than many', () => {
    const counts = [1, 2, 3, 4, 5].map((n) => scenes.filter(({ objects }) => objects.length === n).length);
    expect(counts.reduce((a, b) => a + b)).toBe(scenes.length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts[0]! + counts[1]! + counts[2]!).toBeGreaterThan(4 * (counts[3]! + counts[4]!));
  });

  it('use every shape, colour, size and texture', () => {
    const objects = scenes.flatMap((scene) => scene.objects);
    expect(new Set(objects.map((o) => o.shape))).toEqual(new Set(shapes));
    expect(new Set(objects.map((o) => o.colour))).toEqual(new Set(colours));
    expect(new Set(objects.map((o) => o.size))).toEqual(new Set(sizes));
    expect(new Set(objects.map((o) => o.texture))).toEqual(new Set(textures));
  });

  it('keep objects inside the frame, apart from each other and visible before the background', () => {
    const broken: string[] = [];
    for (const { seed, objects, background } of scenes) {
      const rule = (holds: boolean, name: string) => void (holds || broken.push(`${name} in ${seed}`));
      for (const [i, { box, fill, side, size, outline }] of objects.entries()) {
        const { x, y, width, height } = box;
        rule(x > 0 && y > 0 && x + width < 1 && y + height < 1, 'box outside the frame');
        rule(side >= sizeRange[size][0] && side <= sizeRange[size][1], 'side outside its size');
        rule(distance(fill, background.first) >= 0.2 && distance(fill, background.second) >= 0.2, 'no contrast');
        const slack = 1e-9;
        const held = ([px, py]: readonly [number, number]) =>
          px >= x - slack && px <= x + width + slack && py >= y - slack && py <= y + height + slack;
        rule(outline.flat().every(held), 'outline outside its box');
        for (const { box: other } of objects.slice(i + 1)) {
          const apartX = x + width < other.x || other.x + other.width < x;
          const apartY = y + height < other.y || other.y + other.height < y;
          rule(apartX || apartY, 'boxes touch');
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('are described by five captions, all of them sayable within the text tower', () => {
    for (const scene of scenes) {
      const captions = captionsOf(scene);
      expect(captions).toHaveLength(5);
      for (const caption of captions) expect(caption.split(' ').length).toBeLessThan(42);
    }
  });
});

describe('splits', () => {
  it('never share a seed', () => {
    const ranges = Object.values(splitRanges).toSorted((a, b) => a[0] - b[0]);
    for (const [i, [first, end]] of ranges.entries()) {
      expect(end).toBeGreaterThan(first);
      if (i > 0) expect(first).toBeGreaterThanOrEqual(ranges[i - 1]![1]);
    }
  });

  it('refuse seeds of two splits or of none', () => {
    expect(splitOf(splitRanges.val[0], 10)).toBe('val');
    expect(() => splitOf(splitRanges.val[0] - 1, 2)).toThrow(RangeError);
    expect(() => splitOf(splitRanges.test[1], 1)).toThrow(/train 0\.\./);
  });
});
