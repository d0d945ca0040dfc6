import { describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import type { BackendSettings } from '../../../src/models/backend.ts';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import encodeImage from '../../../src/nodes/encode/image.ts';
import { runBatch, runNode } from '../call-node.ts';
import { familyOf, picture, refusesOtherModels } from '../fake-family.ts';

/** Embeds a picture as [number of pictures beside it]; refuses one that is called broken. */
const tasks: Tasks = {
  'image-feature-extraction': async ({ images }) => {
    if (images.some(({ name }) => name === 'broken')) {
      throw new WeftError('model/bad-input', { model: 'a/b', expected: 'x', input: 'image', received: 'y' });
    }
    return images.map(() => Float32Array.of(images.length));
  },
};

describe('encode/image', () => {
  it("gives the embedding with space, scale and the picture's name", async () => {
    const asked: [string, BackendSettings][] = [];
    const services = familyOf(tasks, { embedding: { dim: 1, logitScale: 20 } }, asked);
    const given = { model: 'a/b', precision: 'int8', backend: 'native', dtype: 'auto' };
    const { embedding } = await runNode(encodeImage, given, { image: picture('cat.png') }, services);
    const space = { kind: 'Embedding', space: 'trial#1', logitScale: 20, label: 'cat.png' };
    expect(embedding).toEqual({ ...space, data: Float32Array.of(1) });
    expect(asked).toEqual([['a/b', { precision: 'int8', backend: 'native', dtype: 'auto' }]]);
    const bare = await runNode(encodeImage, { model: 'a/b' }, { image: picture() }, familyOf(tasks));
    expect(Object.keys(bare.embedding).sort()).toEqual(['data', 'kind', 'space']);
  });

  it('encodes pictures in one batch, and one that fails fails alone', async () => {
    const calls = ['a', 'b'].map((name) => ({ image: picture(name) }));
    const both = await runBatch(encodeImage, { model: 'a/b' }, calls, familyOf(tasks));
    expect(both).toMatchObject([
      { embedding: { data: Float32Array.of(2), label: 'a' } },
      { embedding: { label: 'b' } },
    ]);
    const mixed = [...calls, { image: picture('broken') }];
    expect(await runBatch(encodeImage, { model: 'a/b' }, mixed, familyOf(tasks))).toMatchObject([
      { embedding: { data: Float32Array.of(1) } },
      { embedding: { label: 'b' } },
      { code: 'model/bad-input' },
    ]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(encodeImage, { image: picture() }));
});
