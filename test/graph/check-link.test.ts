import { describe, expect, it } from 'vitest';
import { checkLink, validateGraph } from '../../src/graph/index.ts';
import { graphOf, SAMPLE_LOOKUP, zeroShot } from './sample-nodes.ts';

describe('checkLink', () => {
  it('allows a wire that fits, also into an input that has one', () => {
    expect(checkLink(zeroShot(), SAMPLE_LOOKUP, ['img', 'image'], ['pre', 'image'])).toBeUndefined();
    expect(checkLink(zeroShot(), SAMPLE_LOOKUP, ['img', 'label'], ['text', 'text'])).toBeUndefined();
  });

  it('gives the same error as the validator', () => {
    const reason = checkLink(zeroShot(), SAMPLE_LOOKUP, ['img', 'image'], ['head', 'image']);
    const wired = zeroShot();
    wired.nodes.head!.in!.image = ['img', 'image'];
    expect(reason?.toJSON()).toEqual(validateGraph(wired, SAMPLE_LOOKUP)[0]!.toJSON());
  });

  it('refuses a second space at a head', () => {
    const graph = zeroShot();
    graph.nodes.other = { type: 'encode/clip-text', params: { model: 'zoo/two' }, in: { text: ['labels', 'text'] } };
    expect(checkLink(graph, SAMPLE_LOOKUP, ['other', 'embedding'], ['head', 'texts'])).toMatchObject({
      code: 'graph/space-mismatch',
      node: 'head',
      socket: 'texts',
    });
  });

  it('refuses a wire that closes a cycle', () => {
    const graph = graphOf({ a: { type: 'text/join' }, b: { type: 'text/join', in: { a: ['a', 'text'] } } });
    expect(checkLink(graph, SAMPLE_LOOKUP, ['b', 'text'], ['a', 'a'])?.code).toBe('graph/cycle');
  });

  it('tells the misfit that a wire causes further on', () => {
    const graph = graphOf({
      img: { type: 'source/image', params: { source: 'x.png' } },
      wide: { type: 'encode/patches', params: { width: 16 }, in: { image: ['img', 'image'] } },
      narrow: { type: 'encode/patches', in: { image: ['img', 'image'] } },
      first: { type: 'fuse/concat' },
      second: { type: 'fuse/concat', in: { a: ['narrow', 'features'], b: ['first', 'features'] } },
    });
    expect(checkLink(graph, SAMPLE_LOOKUP, ['wide', 'features'], ['first', 'a'])).toMatchObject({
      code: 'graph/shape-mismatch',
      node: 'second',
      socket: 'b',
    });
  });

  it('does not blame a wire for errors that were there before', () => {
    const graph = zeroShot();
    graph.nodes.text!.in!.text = ['img', 'image'];
    graph.nodes.head!.in = {};
    expect(checkLink(graph, SAMPLE_LOOKUP, ['clip', 'embedding'], ['head', 'image'])).toBeUndefined();
  });

  it.each([
    [['img', 'nothing'], ['pre', 'image'], 'graph/unknown-output'],
    [['nobody', 'image'], ['pre', 'image'], 'graph/dangling-link'],
    [['img', 'image'], ['pre', 'nothing'], 'graph/unknown-input'],
  ] as const)('refuses %j -> %j', (from, to, code) => {
    expect(checkLink(zeroShot(), SAMPLE_LOOKUP, [...from], [...to])?.code).toBe(code);
  });
});
