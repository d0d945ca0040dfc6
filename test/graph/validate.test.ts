import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { createLookup, validateGraph } from '../../src/graph/index.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import { graphOf, SAMPLE_LOOKUP, SAMPLE_NODES, zeroShot } from './sample-nodes.ts';

/** The zero-shot graph with a change, and what validation says. */
function errorsWith(change: (graph: Graph) => void): WeftError[] {
  const graph = zeroShot();
  change(graph);
  return validateGraph(graph, SAMPLE_LOOKUP);
}

function onlyError(change: (graph: Graph) => void): WeftError {
  const errors = errorsWith(change);
  expect(errors.map(String)).toHaveLength(1);
  return errors[0]!;
}

describe('a valid graph', () => {
  it('has no errors', () => {
    expect(validateGraph(zeroShot(), SAMPLE_LOOKUP)).toEqual([]);
  });

  it('needs only the two plain functions as lookup', () => {
    const { node, model } = SAMPLE_LOOKUP;
    expect(validateGraph(zeroShot(), { node, model })).toEqual([]);
  });
});

describe('unknown type', () => {
  it('names the nearest type', () => {
    const error = onlyError((graph) => {
      graph.nodes.head!.type = 'head/zeroshot';
    });
    expect(error).toMatchObject({ code: 'graph/unknown-type', node: 'head' });
    expect(error.message).toContain('Did you mean "head/zero-shot"?');
  });

  it('finds a type by its last part, and suggests nothing for nonsense', () => {
    const types = ['clip-image', 'qqqqqqq'].map(
      (type) => validateGraph(graphOf({ a: { type } }), SAMPLE_LOOKUP)[0]!.message,
    );
    expect(types[0]).toContain('Did you mean "encode/clip-image"?');
    expect(types[1]).not.toContain('Did you mean');
  });

  it.each(['toString', '__proto__', 'constructor'])('is not fooled by %s', (type) => {
    expect(validateGraph(graphOf({ a: { type } }), SAMPLE_LOOKUP).map(({ code }) => code)).toEqual([
      'graph/unknown-type',
    ]);
  });
});

describe('missing input', () => {
  it('names node, socket and type', () => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.in = {};
    });
    expect(error).toMatchObject({
      code: 'graph/missing-input',
      node: 'pre',
      socket: 'image',
      details: { type: 'Image' },
    });
  });

  it('lets optional inputs be', () => {
    const graph = graphOf(
      { t: { type: 'source/texts' }, j: { type: 'text/join', in: { a: ['t', 'text'] } } },
      { outputs: { o: ['j', 'text'] } },
    );
    expect(validateGraph(graph, SAMPLE_LOOKUP)).toEqual([]);
  });
});

describe('unknown input', () => {
  it.each(['pictures', 'toString'])('refuses a link into %s and lists the inputs', (socket) => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.in![socket] = ['img', 'image'];
    });
    expect(error).toMatchObject({ code: 'graph/unknown-input', node: 'pre', socket });
    expect(error.remedy).toBe('Its inputs: image.');
  });
});

describe('dangling link', () => {
  it('suggests the node that was meant', () => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.in!.image = ['imgg', 'image'];
    });
    expect(error).toMatchObject({
      code: 'graph/dangling-link',
      node: 'pre',
      socket: 'image',
      details: { from: 'imgg' },
    });
    expect(error.message).toContain('Did you mean "img"?');
  });
});

describe('unknown output', () => {
  it.each(['imag', 'toString'])('refuses a link from output %s and lists the outputs', (output) => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.in!.image = ['img', output];
    });
    expect(error).toMatchObject({ code: 'graph/unknown-output', node: 'pre', socket: 'image' });
    expect(error.remedy).toBe('Its outputs: image, label.');
  });

  it('checks the outputs of the graph, too', () => {
    const error = onlyError((graph) => {
      graph.outputs!.scores = ['head', 'score'];
    });
    expect(error).toMatchObject({ code: 'graph/unknown-output', node: 'head' });
    expect(error.message).toContain('the graph output "scores"');
    expect(error.message).toContain('Did you mean "scores"?');
  });
});

describe('type mismatch', () => {
  it('names the nodes to put between', () => {
    const error = onlyError((graph) => {
      graph.nodes.head!.in!.image = ['img', 'image'];
    });
    expect(error).toMatchObject({ code: 'graph/type-mismatch', node: 'head', socket: 'image' });
    expect(error.message).toContain('received Image from "img.image"');
    expect(error.remedy).toBe('Put preprocess/image, then encode/clip-image between.');
  });

  it('points to another output of the same node that fits', () => {
    const error = onlyError((graph) => {
      graph.nodes.text!.in!.text = ['img', 'image'];
    });
    expect(error.remedy).toBe('Wire "img.label" into it instead.');
  });

  it('says what is wanted when nothing can be put between', () => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.in!.image = ['head', 'scores'];
      graph.nodes.head!.in!.image = ['text', 'embedding'];
    });
    expect(error).toMatchObject({ code: 'graph/type-mismatch', node: 'pre' });
    expect(error.remedy).toBe('Wire an output of type Image into it.');
  });

  it('takes captions and answers as texts, and anything as Any', () => {
    const graph = graphOf({
      img: { type: 'source/image', params: { source: 'x.png' } },
      cap: { type: 'head/caption', in: { image: ['img', 'image'] } },
      join: { type: 'text/join', in: { a: ['cap', 'caption'], b: ['cap', 'answer'] } },
      one: { type: 'sink/json', in: { value: ['cap', 'caption'] } },
      two: { type: 'sink/json', in: { value: ['img', 'image'] } },
    });
    expect(validateGraph(graph, SAMPLE_LOOKUP)).toEqual([]);
  });

  it('does not take a text as a caption', () => {
    const wants = { ...SAMPLE_NODES.find(({ type }) => type === 'text/join')!, type: 'wants/caption' };
    const lookup = createLookup([...SAMPLE_NODES, { ...wants, inputs: { a: { type: { kind: 'Caption' }, doc: '' } } }]);
    const graph = graphOf(
      { t: { type: 'source/texts' }, w: { type: 'wants/caption', in: { a: ['t', 'text'] } } },
      { outputs: { o: ['w', 'text'] } },
    );
    expect(validateGraph(graph, lookup).map(({ code }) => code)).toEqual(['graph/type-mismatch']);
  });
});

describe('shape mismatch', () => {
  it('follows a size from a parameter to the socket that fixes it', () => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.params = { size: 32 };
    });
    expect(error).toMatchObject({ code: 'graph/shape-mismatch', node: 'clip', socket: 'tensor' });
    expect(error.message).toContain('Tensor<float32, 3 x 64 x 64>');
    expect(error.message).toContain('Tensor<float32, 3 x 32 x 32>');
  });

  it('wants one size for one name within a node', () => {
    const features = (width: number): Graph =>
      graphOf(
        {
          img: { type: 'source/image', params: { source: 'x.png' } },
          a: { type: 'encode/patches', in: { image: ['img', 'image'] } },
          b: { type: 'encode/patches', params: { width }, in: { image: ['img', 'image'] } },
          f: { type: 'fuse/concat', in: { a: ['a', 'features'], b: ['b', 'features'] } },
          g: { type: 'fuse/concat', in: { a: ['f', 'features'], b: ['a', 'features'] } },
        },
        { outputs: { o: ['g', 'features'] } },
      );
    expect(validateGraph(features(8), SAMPLE_LOOKUP)).toEqual([]);
    const errors = validateGraph(features(16), SAMPLE_LOOKUP);
    expect(errors.map(({ code, node, socket }) => [code, node, socket])).toEqual([['graph/shape-mismatch', 'f', 'b']]);
    expect(errors[0]!.message).toContain('Features[?, 8]');
  });
});

describe('space mismatch', () => {
  it('refuses two checkpoints at the sockets that share a space', () => {
    const error = onlyError((graph) => {
      graph.nodes.text!.params = { model: 'zoo/two' };
    });
    expect(error).toMatchObject({ code: 'graph/space-mismatch', node: 'head', socket: 'texts' });
    expect(error.details).toMatchObject({ expected: 'zoo/one@1111', received: 'zoo/two@2222', from: 'text' });
  });

  it('takes the same weights under another name', () => {
    expect(
      errorsWith((graph) => {
        graph.nodes.text!.params = { model: 'zoo/one-copy' };
      }),
    ).toEqual([]);
  });
});

describe('cycle', () => {
  it('tells the way round, and each knot on its own', () => {
    const join = (a: string, b: string) => ({
      type: 'text/join',
      in: { a: [a, 'text'] as [string, string], b: [b, 'text'] as [string, string] },
    });
    const errors = validateGraph(
      graphOf(
        {
          t: { type: 'source/texts' },
          a: join('t', 'c'),
          b: join('a', 't'),
          c: join('b', 't'),
          behind: join('c', 't'),
          self: join('behind', 'self'),
        },
        { outputs: { o: ['self', 'text'] } },
      ),
      SAMPLE_LOOKUP,
    );
    expect(errors.map(({ code }) => code)).toEqual(['graph/cycle', 'graph/cycle']);
    const told = errors.map(({ message }) => message);
    expect(
      told.some((message) =>
        ['"a" > "b" > "c" > "a"', '"b" > "c" > "a" > "b"', '"c" > "a" > "b" > "c"'].some((way) =>
          message.includes(way),
        ),
      ),
    ).toBe(true);
    expect(told.some((message) => message.includes('"self" > "self"'))).toBe(true);
  });
});

describe('parameters', () => {
  it.each([
    ['pre', 'size', 0, 'a whole number from 1 to 4096 (pixels)'],
    ['pre', 'size', 1.5, 'a whole number from 1 to 4096 (pixels)'],
    ['pre', 'size', '64', 'a whole number from 1 to 4096 (pixels)'],
    ['pre', 'flip', 'yes', 'true or false'],
    ['pre', 'filter', 'bicubi', 'one of bicubic, bilinear'],
    ['pre', 'mean', [1, 2], 'a list of 3 numbers'],
    ['pre', 'mean', ['1', '2', '3'], 'a list of 3 numbers'],
    ['labels', 'texts', [], 'a list of 1 to 3 texts'],
    ['labels', 'texts', 'cat', 'a list of 1 to 3 texts'],
    ['img', 'source', ' ', 'a picture (file, folder, glob, data URL or upload)'],
  ] as const)('refuses %s.%s = %j', (node, param, value, expected) => {
    const error = onlyError((graph) => {
      graph.nodes[node]!.params = { ...graph.nodes[node]!.params, [param]: value as never };
    });
    expect(error).toMatchObject({ code: 'graph/bad-parameter', node, details: { param, expected } });
  });

  it('refuses a parameter that has no default and no value', () => {
    const error = onlyError((graph) => {
      delete graph.nodes.img!.params;
    });
    expect(error).toMatchObject({
      code: 'graph/bad-parameter',
      node: 'img',
      details: { param: 'source', received: 'none' },
    });
  });

  it('suggests the choice that was meant', () => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.params = { filter: 'bicubi' };
    });
    expect(error.remedy).toBe('Did you mean "bicubic"?');
  });

  it.each(['sise', 'toString'])('refuses the unknown parameter %s', (param) => {
    const error = onlyError((graph) => {
      graph.nodes.pre!.params = { [param]: 64 };
    });
    expect(error).toMatchObject({ code: 'graph/unknown-parameter', node: 'pre', details: { param } });
    expect(error.remedy).toBe('Its parameters: size, filter, flip, mean.');
  });
});

describe('missing model', () => {
  it.each([
    ['zoo/none', 'weft models list'],
    ['openai/clip', 'weft models pull openai/clip'],
    ['./folder/model.onnx', 'Check the path'],
  ])('tells how to get %s', (model, hint) => {
    const error = onlyError((graph) => {
      graph.nodes.clip!.params = { model };
    });
    expect(error).toMatchObject({ code: 'graph/missing-model', node: 'clip', details: { param: 'model', model } });
    expect(error.remedy).toContain(hint);
  });

  it('tells what is wrong with a model that is here', () => {
    const graph = zeroShot();
    graph.nodes.clip!.params = { model: './broken' };
    const details = { model: './broken', file: 'config.json', expected: 'JSON', received: 'text' };
    const problem = new WeftError('model/bad-config', details);
    const model = Object.assign((ref: string) => SAMPLE_LOOKUP.model(ref), {
      problem: (ref: string) => (ref === './broken' ? problem : undefined),
    });
    const errors = validateGraph(graph, { ...SAMPLE_LOOKUP, model });
    expect(errors.map(({ code, node, details: told }) => ({ code, node, told }))).toContainEqual({
      code: 'model/bad-config',
      node: 'clip',
      told: details,
    });
    expect(errors.map(({ code }) => code)).not.toContain('graph/missing-model');
  });

  it('refuses a model of another family', () => {
    const error = onlyError((graph) => {
      graph.nodes.clip!.params = { model: 'zoo/other' };
    });
    expect(error).toMatchObject({ code: 'graph/bad-parameter', node: 'clip', details: { expected: 'a model (clip)' } });
  });
});

describe('outputs and inputs of the graph', () => {
  it('wants something to output', () => {
    expect(
      onlyError((graph) => {
        graph.outputs = {};
      }).code,
    ).toBe('graph/no-output');
    expect(validateGraph(graphOf({}), SAMPLE_LOOKUP).map(({ code }) => code)).toEqual(['graph/no-output']);
  });

  it('is content with a sink', () => {
    expect(
      errorsWith((graph) => {
        graph.outputs = {};
        graph.nodes.save = { type: 'sink/json', in: { value: ['head', 'scores'] } };
      }),
    ).toEqual([]);
  });

  it.each([
    [{ node: 'image', param: 'source' }, 'image'],
    [{ node: 'img', param: 'sources' }, 'img.sources'],
    [{ node: 'toString', param: 'x' }, 'toString'],
  ])('refuses the declared input %j', (input, target) => {
    const error = onlyError((graph) => {
      graph.inputs = { image: input };
    });
    expect(error).toMatchObject({
      code: 'graph/bad-signature',
      details: { direction: 'input', name: 'image', target },
    });
  });

  it('refuses one of several targets of an input', () => {
    const error = onlyError((graph) => {
      graph.inputs = { model: { node: 'clip', param: 'model', also: [{ node: 'text', param: 'modell' }] } };
    });
    expect(error).toMatchObject({ code: 'graph/bad-signature', node: 'text', details: { target: 'text.modell' } });
  });

  it('refuses a declared output of no node', () => {
    const error = onlyError((graph) => {
      graph.outputs = { scores: ['haed', 'scores'] };
    });
    expect(error).toMatchObject({ code: 'graph/bad-signature', details: { direction: 'output', target: 'haed' } });
    expect(error.message).toContain('Did you mean "head"?');
  });
});

describe('all errors at once', () => {
  it('tells a dozen, each with its node, socket and remedy', () => {
    const errors = validateGraph(
      graphOf(
        {
          img: { type: 'source/image', params: { source: 'x.png', bogus: 1 } },
          pre: { type: 'preprocess/image', params: { size: -1 }, in: { image: ['nobody', 'image'] } },
          clip: {
            type: 'encode/clip-image',
            params: { model: 'zoo/none' },
            in: { tensor: ['img', 'image'], extra: ['img', 'image'] },
          },
          head: { type: 'head/zero-shot', in: { image: ['clip', 'embeding'] } },
          odd: { type: 'head/zero-sho' },
          loop: { type: 'text/join', in: { a: ['loop', 'text'] } },
        },
        { inputs: { x: { node: 'none', param: 'y' } }, outputs: { o: ['nil', 'x'] } },
      ),
      SAMPLE_LOOKUP,
    );
    expect(errors.map(({ code }) => code).sort()).toEqual([
      'graph/bad-parameter',
      'graph/bad-signature',
      'graph/bad-signature',
      'graph/cycle',
      'graph/dangling-link',
      'graph/missing-input',
      'graph/missing-model',
      'graph/type-mismatch',
      'graph/unknown-input',
      'graph/unknown-output',
      'graph/unknown-parameter',
      'graph/unknown-type',
    ]);
    for (const { node, remedy, message } of errors) {
      expect(node).toBeDefined();
      expect(remedy).not.toBe('');
      expect(message).not.toMatch(/\{\w+\}|undefined/);
    }
  });
});
