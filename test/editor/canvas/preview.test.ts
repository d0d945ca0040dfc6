import { expect, test } from 'vitest';
import { fitInside, nodeGeometry, socketY } from '../../../editor/src/canvas/node-geometry.ts';
import { type Preview, type PreviewSource, previewOf } from '../../../editor/src/canvas/preview.ts';
import { NodeRun } from '../../../editor/src/run/run-state.ts';
import { decodingTable, type JsonValue } from '../../../src/protocol/index.ts';
import { descriptors } from '../sample.ts';

const [image, , pixels, scores] = descriptors;

function preview(
  descriptor: (typeof descriptors)[number],
  values: Record<string, JsonValue[]> = {},
  page?: number,
  pictures: Partial<Pick<PreviewSource, 'picture' | 'pictureBehind'>> = {},
  run?: NodeRun,
): Preview | undefined {
  for (const [output, list] of Object.entries(values)) {
    run ??= new NodeRun();
    run.outputs.set(
      output,
      new Map(list.map((value, index) => [index, { index, key: `item ${index}`, value, seq: index }])),
    );
  }
  return previewOf({
    descriptor,
    run,
    page,
    texts: undefined,
    typeText: () => 'Tensor<float32>',
    picture: () => undefined,
    pictureBehind: () => undefined,
    ...pictures,
  });
}

const entries = [{ label: 'cat', score: 0.9 }];

test('before a run a node shows what will come', () => {
  expect(preview(image!)).toMatchObject({ kind: 'placeholder', of: 'Image', isSource: true });
  expect(preview(scores!)).toMatchObject({ kind: 'placeholder', of: 'Scores', isSource: false });
  expect(preview(pixels!)).toMatchObject({ kind: 'line', text: 'Tensor<float32>' });
});

test('scores are bars; of several items one is shown', () => {
  const value: JsonValue = { kind: 'Scores', entries, normalized: true };
  const shown = preview(scores!, { scores: [value, value, value] }, 1);
  expect(shown).toMatchObject({ kind: 'bars', entries, page: 1, pages: 3, caption: 'item 1' });
  expect(preview(scores!, { scores: [value] }, 5)).toMatchObject({ page: 0, pages: 1 });
});

test('masks lie on the picture that they belong to; in words until they are here', () => {
  const value: JsonValue = { kind: 'Masks', width: 8, height: 4, masks: [{ label: 'cat', score: 0.9, area: 3 }] };
  const [drawn, photo] = ['masks', 'photo'].map((url) => ({ url, image: undefined }));
  expect(preview(image!, { image: [value] })).toMatchObject({ kind: 'line', text: '1 mask' });
  expect(preview(image!, { image: [value] }, 0, { picture: () => drawn, pictureBehind: () => photo })).toMatchObject({
    ...{ kind: 'picture', picture: drawn, behind: photo },
    ...{ width: 8, height: 4, legend: [{ label: 'cat', score: 0.9 }] },
  });
});

test('a trace shows its latest step until a person chooses one', () => {
  const step = (text: string) => {
    const numbers = { probability: 0.5, penalty: 0.1, magic: 0.2, score: 0.4, chosen: true };
    return { candidates: [{ text, ...numbers }] };
  };
  const value = decodingTable({ steps: [step('a'), step(' cat')] });
  expect(preview(scores!, { scores: [value] }, undefined)).toMatchObject({ kind: 'trace', page: 1, pages: 2 });
  const chosen = preview(scores!, { scores: [value] }, 0);
  expect(chosen).toMatchObject({ kind: 'trace', shown: { step: 0, written: ['a', ' cat'] }, caption: 'item 0' });
});

test('a text appears word by word, and its end stays in sight', () => {
  const writer = { ...scores!, outputs: { caption: { type: { kind: 'Caption' }, doc: '' } } } as const;
  const run = new NodeRun();
  run.status = 'running';
  const shown = (note: string) => {
    run.progress = { done: 1, note };
    return preview(writer, {}, 0, {}, run);
  };
  expect(shown('a cat')).toMatchObject({ kind: 'text', lines: ['a cat ▍'] });
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  expect(shown(lines.join('\n'))).toMatchObject({ lines: [...lines.slice(16, 19), 'line 19 ▍'] });
});

test('an answer shows its alternatives as bars, in the room that a text has', () => {
  const entries = ['two', 'three', 'one', 'none'].map((label) => ({ label, score: 0.25 }));
  const answer = (more: object): JsonValue => ({ kind: 'Answer', text: 'two', ...more });
  const plain = preview(scores!, { scores: [answer({})] });
  const bars = preview(scores!, { scores: [answer({ alternatives: entries })] });
  expect(plain).toMatchObject({ kind: 'text', lines: ['two'] });
  expect(bars).toMatchObject({ kind: 'bars', entries, most: 3 });
  expect(nodeGeometry(scores!, 0, bars).height).toBe(nodeGeometry(scores!, 0, plain).height);
});

test('a node does not grow when its scores come', () => {
  const before = nodeGeometry(scores!, 0, preview(scores!));
  const after = nodeGeometry(scores!, 0, preview(scores!, { scores: [{ kind: 'Scores', entries, normalized: true }] }));
  expect(after.height).toBe(before.height);
});

test('sockets lie on the rows that the node has room for', () => {
  const { rows, height } = nodeGeometry(pixels!, 2, preview(pixels!));
  expect(rows).toBe(1);
  expect(socketY(rows - 1)).toBeLessThan(height);
});

test('a picture is fitted whole and centred', () => {
  expect(fitInside({ x: 0, y: 0, width: 200, height: 100 }, 50, 50)).toEqual({ x: 50, y: 0, width: 100, height: 100 });
});
