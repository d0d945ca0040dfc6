import { expect, test } from 'vitest';
import { copyNodes, fragmentText, parseFragment, pasteFragment } from '../../../editor/src/document/fragment.ts';
import { graph } from '../sample.ts';

test('a copy survives the clipboard and is pasted with fresh names and its inner links', () => {
  const fragment = parseFragment(fragmentText(copyNodes(graph, ['pixels', 'scores'])));
  expect(fragment).toBeDefined();
  const { command, ids } = pasteFragment(graph, fragment!, [100, 400]);
  const pasted = command(graph);
  expect(ids).toEqual(['pixels-2', 'scores-2']);
  expect(pasted.nodes['scores-2']?.in).toEqual({ pixels: ['pixels-2', 'pixels'] });
  expect(pasted.nodes['pixels-2']?.in).toEqual({ image: ['image', 'image'] });
  expect(pasted.layout?.['pixels-2']).toEqual([100, 400]);
  expect(pasted.layout?.['scores-2']).toEqual([400, 400]);
});

test('a link to a node that is not there is left out', () => {
  const fragment = copyNodes(graph, ['pixels']);
  const { command } = pasteFragment({ weft: 1, name: 'other', nodes: {} }, fragment, [0, 0]);
  expect(command({ weft: 1, name: 'other', nodes: {} }).nodes).toEqual({ pixels: { type: 'preprocess/image' } });
});

test('other text on the clipboard is no fragment', () => {
  expect(parseFragment('hello')).toBeUndefined();
  expect(parseFragment('{"nodes": {}}')).toBeUndefined();
  expect(parseFragment('{"weftFragment": 1, "nodes": {"a": {"type": 5}}}')).toBeUndefined();
});
