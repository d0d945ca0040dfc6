import { describe, expect, it } from 'vitest';
import { checkOutputNames, setInputs } from '../../src/graph/index.ts';
import { SAMPLE_LOOKUP, zeroShot } from './sample-nodes.ts';

describe('setInputs', () => {
  it('converts texts as the parameter says and leaves the given graph alone', () => {
    const graph = zeroShot();
    const { graph: set, errors } = setInputs(graph, { image: 'cat.jpg', labels: 'cat, dog, fish' }, SAMPLE_LOOKUP);
    expect(errors).toEqual([]);
    expect(set.nodes.img!.params).toEqual({ source: 'cat.jpg' });
    expect(set.nodes.labels!.params).toEqual({ texts: ['cat', 'dog', 'fish'] });
    expect(graph).toEqual(zeroShot());
  });

  it('sets every parameter that an input names', () => {
    const graph = zeroShot();
    graph.inputs!.model = { node: 'clip', param: 'model', also: [{ node: 'text', param: 'model' }] };
    const { graph: set, errors } = setInputs(graph, { model: 'zoo/two' }, SAMPLE_LOOKUP);
    expect(errors).toEqual([]);
    expect([set.nodes.clip!.params, set.nodes.text!.params]).toEqual([{ model: 'zoo/two' }, { model: 'zoo/two' }]);
  });

  it('tells unknown names and values that do not fit, all of them', () => {
    const { graph, errors } = setInputs(zeroShot(), { imag: 'x', labels: 'a,b,c,d', toString: '1' }, SAMPLE_LOOKUP);
    expect(errors.map(({ code }) => code)).toEqual([
      'graph/unknown-graph-input',
      'graph/bad-parameter',
      'graph/unknown-graph-input',
    ]);
    expect(errors[0]!.message).toContain('Did you mean "image"?');
    expect(errors[0]!.remedy).toBe('Its inputs: image, labels.');
    expect(errors[1]).toMatchObject({ node: 'labels', details: { param: 'texts' } });
    expect(graph.nodes).toEqual(zeroShot().nodes);
  });
});

describe('checkOutputNames', () => {
  it('knows the outputs of the graph', () => {
    expect(checkOutputNames(zeroShot(), undefined)).toEqual([]);
    expect(checkOutputNames(zeroShot(), ['scores'])).toEqual([]);
    expect(checkOutputNames(zeroShot(), ['score'])[0]).toMatchObject({ code: 'graph/unknown-graph-output' });
  });
});
