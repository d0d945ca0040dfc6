import { expect, test } from 'vitest';
import { byModels, firstExamples } from '../../../editor/src/panels/examples.ts';
import type { GraphEntry } from '../../../src/protocol/index.ts';

/** A graph by its name and, for each of its models, whether it is here. */
function entry(name: string, ...models: boolean[]): GraphEntry {
  return {
    ...{ name, title: name, description: '', revision: '1', editable: false },
    models: models.map((present, index) => ({ ref: `owner/model-${index}`, present })),
  };
}

test('graphs that can run here are told from those that lack a model; both keep their order', () => {
  const graphs = [entry('a', false), entry('b', true), entry('c', true, false), entry('d'), entry('e', true, true)];
  const { ready, waiting } = byModels(graphs);
  expect(ready.map(({ name }) => name)).toEqual(['b', 'd', 'e']);
  expect(waiting.map(({ name }) => name)).toEqual(['a', 'c']);
});

test('the start page shows the telling graphs first, and no more than there is room for', () => {
  const graphs = [entry('asif', true), entry('detect-onnx', false), entry('retrieve', true), entry('zero-shot', true)];
  const shown = (most: number) => firstExamples(graphs, most).map(({ name }) => name);
  expect(shown(6)).toEqual(['zero-shot', 'retrieve', 'asif', 'detect-onnx']);
  expect(shown(2)).toEqual(['zero-shot', 'retrieve']);
});
