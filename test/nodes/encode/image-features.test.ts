import { describe, expect, it } from 'vitest';
import type { FamilyModel } from '../../../src/models/pipelines/family-loader.ts';
import node from '../../../src/nodes/encode/image-features.ts';
import type { ImageValue } from '../../../src/protocol/value.ts';
import { runNode } from '../call-node.ts';

const image: ImageValue = { kind: 'Image', data: new Uint8Array(12), width: 2, height: 2 };

function family(features: FamilyModel['features']) {
  const model = { ref: 'test', space: 'test', family: 'trial', architecture: 'TrialModel', tasks: {} };
  return async () => (features === undefined ? model : { ...model, features });
}

describe('encode/image-features', () => {
  it("gives the rows of the model's tower", async () => {
    const features = { kind: 'Features', data: Float32Array.of(2, 2), seq: 1, dim: 2 } as const;
    const see = async ({ width, height }: ImageValue) => ({ ...features, data: Float32Array.of(width, height) });
    const made = await runNode(node, { model: 'test' }, { image }, { family: family({ image: see }) });
    expect(made).toEqual({ features });
  });

  it('refuses a model without such a tower, and says what it has', async () => {
    const text = () => Promise.reject(new Error('not asked'));
    await expect(runNode(node, { model: 'test' }, { image }, { family: family({ text }) })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('TrialModel, which gives features of text'),
    });
    await expect(runNode(node, { model: 'test' }, { image }, { family: family(undefined) })).rejects.toMatchObject({
      code: 'model/unsupported',
    });
  });
});
