/** What is drawn is what is told: colours at masks, masks inside boxes, mosaics equal to single drawings. */
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { distance, type Rgb, textureTone } from '../../tools/zoo/world/colour.ts';
import { drawPng, drawScenes } from '../../tools/zoo/world/draw.ts';
import { areaOf, rasterise, runLengths, segmentationOf } from '../../tools/zoo/world/masks.ts';
import { makeScene, type Scene } from '../../tools/zoo/world/scene.ts';
import { contains } from '../../tools/zoo/world/shapes.ts';

const size = 160;
const scenes = Array.from({ length: 40 }, (_, i) => makeScene(100_000_500 + i));
let pictures: Uint8Array[];

beforeAll(async () => {
  pictures = await drawScenes(scenes, size);
});

function pixel(picture: Uint8Array, x: number, y: number): Rgb {
  const at = (y * size + x) * 3;
  return [picture[at]!, picture[at + 1]!, picture[at + 2]!];
}

/** Pixels whose whole surrounding of 2 pixels lies in the mask (or outside it): no antialiased edge. */
function deepPixels(scene: Scene, inside: (x: number, y: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let y = 2; y < size - 2; y += 2) {
    for (let x = 2; x < size - 2; x += 2) {
      let all = true;
      for (const dx of [-2, 0, 2]) for (const dy of [-2, 0, 2]) all &&= inside(x + dx, y + dy);
      if (all) found.push([x, y]);
    }
  }
  if (scene.objects.length === 0) throw new Error('scene without objects');
  return found;
}

describe('pictures', () => {
  it('show every object in its colour or its texture tone, all over its mask', () => {
    for (const [i, scene] of scenes.entries()) {
      for (const object of scene.objects) {
        const pixels = deepPixels(scene, (x, y) => contains(object.outline, (x + 0.5) / size, (y + 0.5) / size));
        expect(pixels.length).toBeGreaterThan(10);
        const tones: Rgb[] = object.texture === 'plain' ? [object.fill] : [object.fill, textureTone(object.fill)];
        const near = pixels.map(([x, y]) => tones.map((tone) => distance(pixel(pictures[i]!, x, y), tone)));
        // Texture edges are blends of the two tones: ask for most pixels there, for all in plain objects.
        const close = near.filter((distances) => Math.min(...distances) < 0.12).length / near.length;
        expect(close).toBeGreaterThan(object.texture === 'plain' ? 0.999 : 0.5);
        if (object.texture !== 'plain') {
          const share = near.filter(([first, second]) => first! < second!).length / near.length;
          expect(share).toBeGreaterThan(0.25);
          expect(share).toBeLessThan(0.95);
        }
      }
    }
  });

  it('show the background, and nothing else, away from the masks', () => {
    for (const [i, scene] of scenes.entries()) {
      const { kind, first, second } = scene.background;
      const outside = (x: number, y: number) =>
        scene.objects.every(({ box }) => {
          const [px, py] = [(x + 0.5) / size, (y + 0.5) / size];
          return px < box.x || py < box.y || px > box.x + box.width || py > box.y + box.height;
        });
      const length = distance(first, second);
      // On the segment between the two tones: the detour over the pixel is hardly longer than the way.
      const detours = deepPixels(scene, outside).map(([x, y]) => {
        const colour = pixel(pictures[i]!, x, y);
        return distance(colour, first) + distance(colour, second) - length;
      });
      expect(Math.max(...detours), `${kind} background of ${scene.seed}`).toBeLessThan(0.2);
    }
  });

  it('are the same on a second call, and alone but for two levels at blended edges', async () => {
    const again = await drawScenes(scenes, size);
    expect(again.every((picture, i) => Buffer.compare(picture, pictures[i]!) === 0)).toBe(true);
    for (const i of [3, 17, 31]) {
      const [alone] = await drawScenes([scenes[i]!], size);
      const steps = alone!.map((value, at) => Math.abs(value - pictures[i]![at]!));
      expect(Math.max(...steps)).toBeLessThanOrEqual(2);
      expect(steps.filter((step) => step > 0).length / steps.length).toBeLessThan(0.02);
    }
  });

  it('become PNG files with the same pixels', async () => {
    const [alone] = await drawScenes([scenes[3]!], size);
    const { data, info } = await sharp(await drawPng(scenes[3]!, size))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([size, size, 3]);
    expect(Buffer.compare(data, alone!)).toBe(0);
  });
});

describe('masks', () => {
  it('lie within their boxes and agree with their areas', () => {
    for (const object of scenes.flatMap((scene) => scene.objects)) {
      const mask = rasterise(object.outline, size);
      let area = 0;
      let outside = 0;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          if (mask[y * size + x] === 0) continue;
          area++;
          const [px, py] = [(x + 0.5) / size - object.box.x, (y + 0.5) / size - object.box.y];
          if (px < 0 || py < 0 || px > object.box.width || py > object.box.height) outside++;
        }
      }
      expect(outside).toBe(0);
      expect(Math.abs(area - areaOf(object.outline, size)) / area).toBeLessThan(0.05);
    }
  });

  it('are run lengths for rings, which decode to the mask, and one polygon otherwise', () => {
    const rings = scenes.flatMap((scene) => scene.objects).filter(({ shape }) => shape === 'ring');
    expect(rings.length).toBeGreaterThan(0);
    for (const ring of rings) {
      const segmentation = segmentationOf(ring, size);
      if (!('counts' in segmentation)) throw new Error('a ring became a polygon');
      const decoded: number[] = [];
      for (const [i, run] of segmentation.counts.entries()) decoded.push(...new Array<number>(run).fill(i % 2));
      const mask = rasterise(ring.outline, size);
      expect(decoded).toHaveLength(size * size);
      expect(decoded.every((value, at) => value === mask[(at % size) * size + Math.floor(at / size)])).toBe(true);
    }
    const other = scenes.flatMap((scene) => scene.objects).find(({ shape }) => shape === 'star')!;
    const polygon = segmentationOf(other, size);
    expect(Array.isArray(polygon) && polygon.length === 1 && polygon[0]!.length === 20).toBe(true);
  });

  it('start with the run outside, as COCO does, even when the first pixel is inside', () => {
    expect(runLengths(Uint8Array.from([1, 0, 1, 0]), 2)).toEqual({ counts: [0, 2, 2], size: [2, 2] });
    expect(runLengths(Uint8Array.from([0, 1, 0, 0]), 2)).toEqual({ counts: [2, 1, 1], size: [2, 2] });
  });
});
