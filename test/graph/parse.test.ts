import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { parseGraph, readGraph } from '../../src/graph/index.ts';
import { zeroShot } from './sample-nodes.ts';

function errorOf(action: () => unknown): WeftError {
  try {
    action();
  } catch (error) {
    if (error instanceof WeftError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

const text = JSON.stringify(zeroShot());

describe('parseGraph', () => {
  it('reads text, text with a byte order mark, and objects alike', () => {
    const graph = parseGraph(text);
    expect(graph).toEqual(zeroShot());
    expect(parseGraph(`\uFEFF${text}`)).toEqual(graph);
    expect(parseGraph(JSON.parse(text))).toEqual(graph);
  });

  it('keeps no reference to the object it was given', () => {
    const given = zeroShot();
    const graph = parseGraph(given);
    given.nodes.img!.params!.source = 'changed.png';
    expect(graph.nodes.img!.params!.source).toBe('scene.png');
  });

  it.each([
    ['{"weft": 1,\n  "name": tru }', 2, 11],
    ['{"weft": 1,\n\n "nodes": {},}', 3, 14],
    ['{"weft": 1', 1, 11],
    ['', 1, 1],
    ['{"a": "x\ty"}', 1, 7],
    ['{"a": 01}', 1, 8],
    ['{} x', 1, 4],
    ["{'a': 1}", 1, 2],
    ['[1, 2', 1, 6],
    ['{"a" 1}', 1, 6],
    ['[,]', 1, 2],
  ])('says where %j stops being JSON', (broken, line, column) => {
    const error = errorOf(() => parseGraph(broken));
    expect(error.code).toBe('graph/not-json');
    expect(error.details).toMatchObject({ line, column });
    expect(error.message).toContain(`line ${line}, column ${column}`);
  });

  it('names the path of a wrong shape, and the node it belongs to', () => {
    const error = errorOf(() => parseGraph({ weft: 1, name: 'x', nodes: { a: { type: 7 } } }));
    expect(error).toMatchObject({ code: 'graph/bad-shape', node: 'a' });
    expect(error.details).toMatchObject({ path: 'nodes.a.type', received: '7' });
  });

  it('tells every wrong shape at once', () => {
    const { errors } = readGraph({
      weft: 1,
      nodes: {
        'two words': { type: 'x' },
        a: { type: 'x', more: 1, in: { i: ['n'] } },
        b: { type: 'x', params: { p: null } },
      },
    });
    expect(errors.map((error) => error.details.path).sort()).toEqual([
      'name',
      'nodes.a.in.i',
      'nodes.a.more',
      'nodes.b.params.p',
      'nodes.two words',
    ]);
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['graph/bad-shape']));
  });

  it.each([[null], [[]], [7], ['[]'], ['"graph"'], [undefined], [() => {}]])('refuses %j as a graph', (given) => {
    expect(errorOf(() => parseGraph(given)).code).toBe('graph/bad-shape');
  });

  it.each([
    ['{"weft":1,"name":"x","nodes":{"__proto__":{"type":"x"}}}', 'nodes.__proto__'],
    ['{"weft":1,"name":"x","nodes":{"constructor":{"type":"x"}}}', 'nodes.constructor'],
    ['{"weft":1,"name":"x","nodes":{"a":{"type":"x","params":{"__proto__":"y"}}}}', 'nodes.a.params.__proto__'],
    ['{"weft":1,"name":"x","nodes":{"a":{"type":"x","in":{"__proto__":["a","b"]}}}}', 'nodes.a.in.__proto__'],
    ['{"weft":1,"name":"x","nodes":{},"__proto__":{"polluted":true}}', '__proto__'],
  ])('refuses names that reach a prototype: %s', (given, path) => {
    const error = errorOf(() => parseGraph(given));
    expect(error.details.path).toBe(path);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('takes a node named like a method of every object', () => {
    const graph = parseGraph({ weft: 1, name: 'x', nodes: { toString: { type: 'x' } } });
    expect(Object.keys(graph.nodes)).toEqual(['toString']);
  });

  it('refuses more nodes or characters than the limits allow', () => {
    expect(errorOf(() => parseGraph(text, { maxNodes: 5 }))).toMatchObject({
      code: 'graph/too-large',
      details: { limit: 5, received: 6 },
    });
    expect(errorOf(() => parseGraph(text, { maxCharacters: 100 })).code).toBe('graph/too-large');
    expect(parseGraph(text, { maxNodes: 6, maxCharacters: text.length }).name).toBe('test');
  });

  it('survives nesting as deep as a text can hold', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const error = errorOf(() => parseGraph(`{"weft":1,"name":"x","nodes":{"a":{"type":"x","params":{"p":${deep}}}}}`));
    expect(['graph/bad-shape', 'graph/not-json']).toContain(error.code);
  });
});
