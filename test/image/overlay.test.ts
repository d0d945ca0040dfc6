import { describe, expect, it } from 'vitest';
import { drawOverlay, escapeText } from '../../src/image/overlay.ts';
import { labelColours, readableOn } from '../../src/protocol/label-colour.ts';
import type { ImageValue } from '../../src/protocol/value.ts';

function plain(width: number, height: number): ImageValue {
  return { kind: 'Image', data: new Uint8Array(width * height * 3).fill(90), width, height, name: 'plain.png' };
}

function pixel({ data, width }: ImageValue, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

const labelColour = (label: string) => labelColours([label]).get(label)!;
const rgb = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const box = { x: 100, y: 100, width: 200, height: 150, label: 'dog', score: 0.9 };

describe('overlay', () => {
  it("draws a box's edge in its label's colour and leaves the rest of the picture alone", async () => {
    const image = plain(600, 400);
    const drawn = await drawOverlay(image, { boxes: [box] });
    const colour = rgb(labelColour('dog'));
    for (const [x, y] of [
      [100, 180],
      [300, 180],
      [200, 250],
    ] as const) {
      const [red, green, blue] = pixel(drawn, x, y);
      expect([red, green, blue]).toEqual(colour);
    }
    for (const [x, y] of [
      [200, 180],
      [50, 180],
      [200, 300],
      [590, 390],
    ] as const) {
      expect(pixel(drawn, x, y)).toEqual([90, 90, 90]);
    }
    expect(pixel(image, 100, 180)).toEqual([90, 90, 90]);
    expect([drawn.width, drawn.height, drawn.name]).toEqual([600, 400, 'plain.png']);
  });

  it('draws the best box on top of the others', async () => {
    const worse = { ...box, label: 'cat', score: 0.4 };
    const drawn = await drawOverlay(plain(600, 400), { boxes: [box, worse] });
    const colours = labelColours(['dog', 'cat']);
    expect(pixel(drawn, 100, 180)).toEqual(rgb(colours.get('dog')!));
    expect(pixel(drawn, 102, 95)).toEqual(rgb(colours.get('dog')!));
  });

  it('writes the label above the box, or inside where there is no room', async () => {
    const colour = rgb(labelColour('dog'));
    const above = await drawOverlay(plain(600, 400), { boxes: [box] });
    expect(pixel(above, 102, 90)).toEqual(colour);
    const inside = await drawOverlay(plain(600, 400), { boxes: [{ ...box, y: 0 }] });
    expect(pixel(inside, 104, 5)).toEqual(colour);
  });

  it("lays masks over the photo in their labels' colours, the best on top, enlarged with it", async () => {
    const mask = (label: string, score: number, from: number, to: number) => ({
      ...{ label, score },
      data: Uint8Array.from({ length: 100 * 60 }, (_, at) => Number(at % 100 >= from && at % 100 < to && at >= 4000)),
    });
    const masks = {
      kind: 'Masks',
      width: 100,
      height: 60,
      masks: [mask('dog', 0.9, 10, 50), mask('cat', 0.4, 40, 80)],
    } as const;
    const drawn = await drawOverlay(plain(100, 60), { masks, minSide: 250 });
    const colours = labelColours(['dog', 'cat']);
    const over = (label: string) => rgb(colours.get(label)!).map((value) => 90 + ((value - 90) * 140) / 255);
    // Premultiplied 8-bit alpha rounds twice.
    const near = (x: number, y: number, expected: number[]) => {
      const distances = pixel(drawn, x, y).map((value, channel) => Math.abs(value - expected[channel]!));
      expect(Math.max(...distances)).toBeLessThanOrEqual(2);
    };
    near(3 * 20, 3 * 50, over('dog'));
    near(3 * 45, 3 * 50, over('dog'));
    near(3 * 70, 3 * 50, over('cat'));
    near(3 * 90, 3 * 50, [90, 90, 90]);
    near(3 * 20, 3 * 5, [90, 90, 90]);
    expect(pixel(drawn, 31, 3 * 40 - 2)).toEqual(rgb(colours.get('dog')!));
  });

  it('enlarges small pictures by a whole factor and draws at that scale', async () => {
    const drawn = await drawOverlay(plain(100, 60), {
      boxes: [{ x: 10, y: 30, width: 40, height: 20, label: 'dog', score: 1 }],
      minSide: 250,
    });
    expect([drawn.width, drawn.height]).toEqual([300, 180]);
    expect(pixel(drawn, 150, 120)).toEqual(rgb(labelColour('dog')));
  });

  it('draws bars as long as the scores', async () => {
    const scores = [
      { label: 'cat', score: 0.75 },
      { label: 'dog', score: 0 },
    ];
    const drawn = await drawOverlay(plain(600, 400), { scores });
    // 600 pixels / 44: the font has 14 pixels.
    const rowOf = (index: number) => 400 + Math.round(14 * (0.6 + 1.5 * index) + 7);
    const length = (index: number, colour: number[]) =>
      Array.from({ length: 600 }, (_, x) => pixel(drawn, x, rowOf(index)).join()).filter((at) => at === colour.join())
        .length;
    const empty = rgb('#31353f');
    const colours = labelColours(['cat', 'dog']);
    const filled = length(0, rgb(colours.get('cat')!));
    expect(filled / (filled + length(0, empty))).toBeCloseTo(0.75, 1);
    expect(length(1, rgb(colours.get('dog')!))).toBe(0);
    expect(length(1, empty)).toBeGreaterThan(100);
  });

  it('survives labels and numbers made to break it', async () => {
    const labels = ['<script>&"\'', '\u0000\u001b[31m', '\ud800 half', 'x'.repeat(5000), ''];
    const boxes = labels.map((label, index) => ({ ...box, label, x: index * 3 }));
    const scores = labels.map((label) => ({ label, score: Number.NaN }));
    const drawn = await drawOverlay(plain(64, 48), { boxes, scores, normalized: false });
    expect(drawn.data).toHaveLength(drawn.width * drawn.height * 3);
    expect(escapeText('<a href="x">&\u0007')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;\ufffd');
  });
});

describe('label colours', () => {
  it('stay the same from picture to picture', () => {
    expect(labelColour('cat')).toBe(labelColours(['zebra', 'cat']).get('cat'));
  });

  it('are all different within a picture, up to 24 labels, whatever the order', () => {
    const names = Array.from({ length: 24 }, (_, index) => `label ${index}`);
    const colours = labelColours(names);
    expect(new Set(colours.values()).size).toBe(24);
    expect([...labelColours([...names].reverse())]).toEqual([...colours]);
    expect(labelColours([...names, 'one more', 'and more']).size).toBe(26);
    expect(labelColours(['ring', 'crescent']).get('ring')).not.toBe(labelColours(['ring', 'crescent']).get('crescent'));
  });

  it('can be read on', () => {
    for (const colour of labelColours(['a', 'b', 'c']).values()) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
    expect(readableOn('#ffff00')).toBe('#000000');
    expect(readableOn('#0000aa')).toBe('#ffffff');
  });
});
