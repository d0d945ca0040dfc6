import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../../src/nodes/suppression.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';
import { externalTensor, graph, model, node, tensor, valueInfo } from '../models/onnx/build-onnx.ts';
import { pictureFile } from '../nodes/drawn-picture.ts';
import { exampleScenes, failuresOf, runGraph, valuesOf } from './run-graph.ts';

/** The example pictures' side, pixels. */
const SIDE = 256;

describe('graphs/detect-onnx.json', () => {
  it('finds the ring as it is saved, and draws it', async () => {
    const outputFolder = temporaryFolder();
    const result = await runGraph('detect-onnx', { outputFolder });
    expect(failuresOf(result)).toEqual([]);
    const boxes = valuesOf(result, 'boxes', 'Boxes').get('scene-1.png');
    expect(boxes).toMatchObject({ imageWidth: SIDE, imageHeight: SIDE, subject: 'scene-1.png' });
    expect(boxes?.boxes.map(({ label }) => label)).toEqual([expect.stringContaining('ring')]);
    expect(valuesOf(result, 'picture', 'Image').get('scene-1.png')?.width).toBe(2 * SIDE);
    expect(readdirSync(outputFolder)).toEqual(['scene-1.png']);
  });

  it('finds what was drawn on all example scenes', async () => {
    const scenes = exampleScenes();
    const result = await runGraph('detect-onnx', { set: { image: 'examples/' }, outputs: ['boxes'] });
    expect(failuresOf(result)).toEqual([]);
    const found = valuesOf(result, 'boxes', 'Boxes');
    let [drawn, right, wrong] = [0, 0, 0];
    for (const { file_name, objects } of scenes) {
      const truth = objects.map(({ shape, box: [x, y, width, height] }) => {
        return { shape, x: x * SIDE, y: y * SIDE, width: width * SIDE, height: height * SIDE };
      });
      drawn += truth.length;
      for (const box of found.get(file_name)?.boxes ?? []) {
        const match = truth.findIndex(
          (object) => box.label.includes(object.shape) && intersectionOverUnion(object, box) > 0.5,
        );
        if (match === -1) wrong++;
        else {
          right++;
          truth.splice(match, 1);
        }
      }
    }
    expect(right / drawn).toBeGreaterThan(0.9);
    expect(wrong / (right + wrong)).toBeLessThan(0.1);
  });
});

/** Whatever it sees, it finds the same: rows in pixels of its 8 x 8 input, objectness, two classes. */
const fixedDetector = model(
  graph('fixed', {
    nodes: [node('Identity', ['found'], ['rows']), node('Identity', ['pixels'], ['seen'])],
    initializers: [
      tensor(
        'found',
        [1, 3, 7],
        Float32Array.from([2, 4, 4, 2, 1, 0.2, 0.9, 6, 4, 2, 8, 0.5, 0.8, 0.1, 4, 4, 1, 1, 0.1, 1, 1]),
      ),
    ],
    inputs: [valueInfo('pixels', 'float32', [1, 3, 8, 8])],
    outputs: [valueInfo('rows', 'float32', [1, 3, 7]), valueInfo('seen', 'float32', [1, 3, 8, 8])],
  }),
);

describe('graphs/detect-onnx.json with a bare ONNX file', () => {
  it('needs nothing but flags: size from the file, labels given', async () => {
    const folder = temporaryFolder({ 'wide.png': await pictureFile(80, 40), 'fixed.onnx': fixedDetector });
    const set = { image: 'wide.png', model: './fixed.onnx', labels: 'cat,dog', threshold: '0.3', channels: 'BGR' };
    const result = await runGraph('detect-onnx', { bases: [folder], set });
    expect(failuresOf(result)).toEqual([]);
    const boxes = valuesOf(result, 'boxes', 'Boxes').get('wide.png')?.boxes;
    const rounded = boxes?.map(({ score, ...box }) => ({ ...box, score: Math.round(score * 100) / 100 }));
    expect(rounded).toEqual([
      { x: 0, y: 15, width: 40, height: 10, label: 'dog', score: 0.9 },
      { x: 50, y: 0, width: 20, height: 40, label: 'cat', score: 0.4 },
    ]);
  });

  it('tells what is no model, and weights that lie outside its folder', async () => {
    const leaking = model(
      graph('leaking', {
        nodes: [node('Identity', ['found'], ['rows'])],
        initializers: [externalTensor('found', [1, 1, 7], '../secret.bin')],
        inputs: [valueInfo('pixels', 'float32', [1, 3, 8, 8])],
        outputs: [valueInfo('rows', 'float32', [1, 1, 7])],
      }),
    );
    const folder = temporaryFolder({
      'a.png': await pictureFile(8, 8),
      'garbage.onnx': 'not a model',
      'empty.onnx': '',
      'inner/leaking.onnx': leaking,
      'secret.bin': new Uint8Array(28),
    });
    const codes: Record<string, unknown> = {};
    for (const name of ['garbage.onnx', 'empty.onnx', 'inner/leaking.onnx']) {
      const result = await runGraph('detect-onnx', { bases: [folder], set: { image: 'a.png', model: `./${name}` } });
      codes[name] = [
        result.error?.code,
        ...(result.error?.errors ?? []).map(({ code }) => code),
        ...failuresOf(result),
      ];
    }
    const told = (code: string) => [code, `pixels a.png ${code}`];
    expect(codes).toEqual({
      'garbage.onnx': told('model/bad-onnx'),
      'empty.onnx': told('model/bad-onnx'),
      'inner/leaking.onnx': told('model/onnx-outside-folder'),
    });
  });
});
