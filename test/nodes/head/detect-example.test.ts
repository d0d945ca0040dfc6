import { describe, expect, it } from 'vitest';
import detectExample from '../../../src/nodes/head/detect-example.ts';
import { runNode } from '../call-node.ts';
import { boxes, familyOf, noting, picture, refusesOtherModels } from '../fake-family.ts';

const image = picture('a.png');
const example = picture('ring.png');

describe('head/detect-example', () => {
  it('looks for the example in the picture', async () => {
    const { seen, task } = noting(boxes);
    const services = familyOf({ 'image-guided-object-detection': task });
    const found = await runNode(detectExample, { model: 'a/b', threshold: 0.7 }, { image, example }, services);
    expect(found.boxes).toEqual({ ...boxes, subject: 'a.png' });
    expect(seen).toEqual([{ image, query: example, threshold: 0.7 }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(detectExample, { image, example }));
});
