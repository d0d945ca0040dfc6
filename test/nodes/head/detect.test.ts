import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import detect from '../../../src/nodes/head/detect.ts';
import type { TensorOrigin, TensorValue } from '../../../src/protocol/value.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';

/** A 200 x 100 picture squeezed into a 50 x 50 grid. */
const exact: TensorOrigin = {
  width: 200,
  height: 100,
  name: 'photo.png',
  placement: { x: 0, y: 0, width: 50, height: 50, gridWidth: 50, gridHeight: 50 },
};

function rowsOf(table: readonly (readonly number[])[], origin: TensorOrigin | undefined = exact): TensorValue {
  const shape = [table.length, table[0]?.length ?? 0];
  const tensor = { kind: 'Tensor', dtype: 'float32', shape, data: Float32Array.from(table.flat()) } as const;
  return origin === undefined ? tensor : { ...tensor, origin };
}

const logit = (share: number) => Math.log(share / (1 - share));
const round = (value: number) => Math.round(value * 1e4) / 1e4;

async function boxesOf(rows: TensorValue, given: Record<string, string | number | boolean | string[]> = {}) {
  const { boxes } = await runNode(detect, given, { rows });
  return boxes.boxes.map(({ x, y, width, height, label, score }) => [
    label,
    round(score),
    ...[x, y, width, height].map(round),
  ]);
}

describe('head/detect', () => {
  it('maps rows [cx, cy, w, h, objectness, classes] onto the picture, best first', async () => {
    const rows = rowsOf([
      [10, 20, 10, 20, 0.5, 0.1, 0.9],
      [40, 40, 10, 10, 1, 0.8, 0.2],
      [5, 5, 2, 2, 0.1, 0.9, 0.1],
    ]);
    const { boxes } = await runNode(detect, { labels: ['cat', 'dog'] }, { rows });
    expect(boxes).toMatchObject({ imageWidth: 200, imageHeight: 100, subject: 'photo.png' });
    expect(await boxesOf(rows, { labels: ['cat', 'dog'] })).toEqual([
      ['cat', 0.8, 140, 70, 40, 20],
      ['dog', 0.45, 20, 20, 40, 40],
    ]);
  });

  it.each([
    ['xyxy', [5, 10, 15, 30]],
    ['xywh', [5, 10, 10, 20]],
    ['cxcywh', [10, 20, 10, 20]],
  ])('reads %s boxes', async (box, numbers) => {
    expect(await boxesOf(rowsOf([[...numbers, 1, 1]]), { box })).toEqual([['class 0', 1, 20, 20, 40, 40]]);
    const shares = numbers.map((value) => value / 50);
    expect(await boxesOf(rowsOf([[...shares, 1, 1]]), { box, units: 'normalized' })).toEqual([
      ['class 0', 1, 20, 20, 40, 40],
    ]);
  });

  it('undoes letterbox and crop, and cuts at the edges of the picture', async () => {
    // 200 x 100 within 50 x 50: 50 x 25, 12 rows of padding above.
    const letterbox = { ...exact, placement: { ...exact.placement!, y: 12, height: 25 } };
    expect(await boxesOf(rowsOf([[10, 22, 10, 20, 1, 1]], letterbox))).toEqual([['class 0', 1, 20, 0, 40, 80]]);
    // Only padding: nothing of the picture is left.
    expect(await boxesOf(rowsOf([[10, 5, 4, 4, 1, 1]], letterbox))).toEqual([]);
    // Shortest edge to 50, centre crop: the grid sees columns 25 to 75 of 100.
    const crop = { ...exact, placement: { ...exact.placement!, x: -25, width: 100 } };
    expect(await boxesOf(rowsOf([[10, 20, 10, 20, 1, 1]], crop))).toEqual([['class 0', 1, 60, 20, 20, 40]]);
  });

  it('applies sigmoid, powers and threshold', async () => {
    const raw = rowsOf([[10, 20, 10, 20, logit(0.5), logit(0.2), logit(0.64)]]);
    expect(await boxesOf(raw, { activation: 'sigmoid', threshold: 0.3 })).toEqual([['class 1', 0.32, 20, 20, 40, 40]]);
    expect(await boxesOf(raw, { activation: 'sigmoid', threshold: 0.33 })).toEqual([]);
    const powers = { activation: 'sigmoid', objectnessPower: 0, classPower: 0.5 };
    expect((await boxesOf(raw, powers))[0]?.[1]).toBe(0.8);
  });

  it('reads rows without objectness, and rows stored as columns', async () => {
    // YOLOv8: [4 + classes, N].
    const columns = rowsOf([
      [10, 30],
      [20, 20],
      [10, 10],
      [20, 20],
      [0.1, 0.7],
      [0.9, 0.2],
    ]);
    expect(await boxesOf(columns, { transposed: true, objectness: false })).toEqual([
      ['class 1', 0.9, 20, 20, 40, 40],
      ['class 0', 0.7, 100, 20, 40, 40],
    ]);
    const batched = { ...columns, shape: [1, ...columns.shape] };
    expect(await boxesOf(batched, { transposed: true, objectness: false })).toHaveLength(2);
  });

  it('suppresses overlapping boxes per class or over all', async () => {
    const rows = rowsOf([
      [10, 20, 10, 20, 1, 0.9, 0],
      [11, 20, 10, 20, 1, 0.8, 0],
      [10, 20, 10, 20, 1, 0, 0.7],
    ]);
    expect((await boxesOf(rows)).map(([label]) => label)).toEqual(['class 0', 'class 1']);
    expect((await boxesOf(rows, { perClass: false })).map(([label]) => label)).toEqual(['class 0']);
    expect(await boxesOf(rows, { overlap: 1 })).toHaveLength(3);
    expect(await boxesOf(rows, { overlap: 1, maxBoxes: 2 })).toHaveLength(2);
  });

  it('leaves out rows that are no numbers', async () => {
    const rows = rowsOf([
      [Number.NaN, 20, 10, 20, 1, 0.9],
      [10, 20, Number.POSITIVE_INFINITY, 20, 1, 0.9],
      [10, 20, 10, 20, 1, Number.NaN],
      [10, 20, 0, 20, 1, 0.9],
    ]);
    expect(await boxesOf(rows)).toEqual([]);
  });

  it('takes labels from parameters, a built-in set or the model', async () => {
    const row = [10, 20, 10, 20, 1, ...Array.from({ length: 80 }, (_, index) => (index === 16 ? 1 : 0))];
    expect((await boxesOf(rowsOf([row]), { labels: ['coco-80'] }))[0]?.[0]).toBe('dog');
    const folder = temporaryFolder({ 'config.json': JSON.stringify({ id2label: { 0: 'star', 1: 'ring' } }) });
    const models = {
      folder: async (ref: string) => (ref === 'zoo/detect' ? folder : join(folder, 'config.json')),
      info: () => Promise.reject(new Error('not asked')),
      onnxFile: () => Promise.reject(new Error('not asked')),
    };
    const rows = rowsOf([[10, 20, 10, 20, 1, 0, 1]]);
    const labelOf = async (given: Record<string, string | string[]>) =>
      (await runNode(detect, given, { rows }, { models })).boxes.boxes[0]?.label;
    expect(await labelOf({ model: 'zoo/detect' })).toBe('ring');
    expect(await labelOf({ model: 'zoo/detect', labels: [] })).toBe('ring');
    expect(await labelOf({ model: 'zoo/detect', labels: ['a', 'b'] })).toBe('b');
    expect(await labelOf({ model: 'bare.onnx' })).toBe('class 1');
  });

  it('refuses too few labels, wrong rows and rows of unknown origin', async () => {
    const rows = rowsOf([[10, 20, 10, 20, 1, 0, 1]]);
    expect(await failure(boxesOf(rows, { labels: ['cat'] }))).toMatchObject({
      code: 'run/bad-parameter',
      details: { param: 'labels' },
    });
    const code = 'run/bad-input';
    expect(await failure(boxesOf(rowsOf([[1, 2, 3, 4, 5]])))).toMatchObject({ code });
    expect(await failure(boxesOf({ ...rows, shape: [2, 1, 7] }))).toMatchObject({ code });
    const whole = { ...rows, dtype: 'int32', data: new Int32Array(7) } as const;
    expect(await failure(boxesOf(whole))).toMatchObject({ code });
    const { origin: _, ...unknown } = rows;
    expect(await failure(boxesOf(unknown))).toMatchObject({ code });
    expect(await failure(boxesOf({ ...rows, origin: { width: 1, height: 1 } }))).toMatchObject({ code });
  });

  it('gives no boxes for no rows', async () => {
    const none = { kind: 'Tensor', dtype: 'float32', shape: [0, 7], data: new Float32Array(), origin: exact } as const;
    expect(await boxesOf(none)).toEqual([]);
  });
});
