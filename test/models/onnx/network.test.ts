import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OnnxDecoder } from '../../../src/models/onnx/decoder.ts';
import { OnnxNetworks } from '../../../src/models/onnx/networks.ts';
import { OnnxPool } from '../../../src/models/onnx/pool.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { type Element, graph, identity, model, node, valueInfo } from './build-onnx.ts';

const pool = new OnnxPool({ workers: 1, threads: 1 });
afterAll(() => pool.close());

async function networks(files: Readonly<Record<string, Uint8Array>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, `${name}.onnx`), content);
  return OnnxNetworks.in(folder, { model: 'test/network', dtype: 'auto', pool });
}

/** Gives each input as the output of a name. */
function passing(ports: readonly (readonly [input: string, output: string, Element, readonly (number | string)[]])[]) {
  return model(
    graph('same', {
      nodes: ports.map(([input, output]) => node('Identity', [input], [output])),
      inputs: ports.map(([input, , element, dims]) => valueInfo(input, element, dims)),
      outputs: ports.map(([, output, element, dims]) => valueInfo(output, element, dims)),
    }),
  );
}

describe('a network', () => {
  it('is named with the inputs that it wants and nobody gives, and the outputs that it lacks', async () => {
    const [network] = await (await networks({ model: identity('float32', ['n']) })).open('model');
    const refused = { code: 'model/unsupported' };
    expect(() => network.expectInputs(['pixel_values'])).toThrow(
      expect.objectContaining({ ...refused, details: expect.objectContaining({ received: 'x' }) }),
    );
    expect(() => network.expectOutput('logits')).toThrow(
      expect.objectContaining({ ...refused, details: expect.objectContaining({ received: 'y (float32)' }) }),
    );
    expect(network.expectOutput('logits', 'y').name).toBe('y');
  });

  it.each<[Element, readonly number[]]>([
    ['int64', [3, 1]],
    ['int32', [3, 1]],
    ['bool', [1, 1]],
    ['float32', [3, 1]],
  ])('takes whole numbers as its own type: %s', async (element, expected) => {
    const [network] = await (await networks({ model: identity(element, ['n']) })).open('model');
    const feeds = {
      x: { integers: element === 'bool' ? [1, 1] : [3, 1], shape: [2] },
      other: { integers: [], shape: [0] },
    };
    const { y } = await network.run(feeds, { outputs: ['y'] });
    expect(Array.from(y!.data as ArrayLike<number | bigint>, Number)).toEqual(expected);
  });
});

describe('a decoder', () => {
  const logits = ['encoder_hidden_states', 'logits', 'float32', ['n', 't', 3]] as const;
  const past = ['past_key_values.0.key', 'present.0.key', 'float32', ['n', 2, 'past', 4]] as const;
  const open = async (ports: Parameters<typeof passing>[0]) =>
    OnnxDecoder.open(await networks({ decoder_model_merged: passing(ports) }));

  it.each<[string, Parameters<typeof passing>[0], string]>([
    ['without a past', [logits], 'none'],
    [
      'whose past has no sizes',
      [logits, [past[0], past[1], past[2], ['n', 'heads', 'past', 4]]],
      '"past_key_values.0.key" [n x heads x past x 4]',
    ],
    ['whose past is not given back', [logits, [past[0], 'last', past[2], past[3]]], 'logits (float32), last (float32)'],
    ['with an input of its own', [logits, past, ['tokens', 'same', 'int64', ['n', 't']]], 'tokens'],
  ])('%s is refused', async (_, ports, received) => {
    expect((await open([logits, past])).bytes).toBeGreaterThan(100);
    await expect(open(ports)).rejects.toMatchObject({ code: 'model/unsupported', details: { received } });
  });
});
