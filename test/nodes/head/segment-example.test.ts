import { describe, expect, it } from 'vitest';
import segmentExample from '../../../src/nodes/head/segment-example.ts';
import type { MasksValue } from '../../../src/protocol/value.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels } from '../fake-family.ts';

const image = picture('a.png');
const example = picture('ring.png');

describe('head/segment-example', () => {
  it('looks for the example in the picture', async () => {
    const mask = { label: 'ring.png', score: 0.9, data: Uint8Array.of(1, 0, 0, 1) };
    const masks: MasksValue = { kind: 'Masks', width: 2, height: 2, masks: [mask] };
    const { seen, task } = noting(masks);
    const services = familyOf({ 'image-guided-segmentation': task });
    const found = await runNode(segmentExample, { model: 'a/b', threshold: 0.4 }, { image, example }, services);
    expect(found.masks).toEqual(masks);
    expect(seen).toEqual([{ image, query: example, threshold: 0.4 }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(segmentExample, { image, example }));
});
