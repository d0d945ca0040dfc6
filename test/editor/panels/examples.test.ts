import { expect, test } from 'vitest';
import { byModels } from '../../../editor/src/panels/examples.ts';
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
