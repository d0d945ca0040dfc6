import { describe, expect, it } from 'vitest';
import classifyImage from '../../../src/nodes/head/classify-image.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, scores } from '../fake-family.ts';

describe('head/classify-image', () => {
  it("gives the best of the model's classes, named by the picture", async () => {
    const { seen, task } = noting(scores(['cat', 0.7], ['dog', 0.2]));
    const services = familyOf({ 'image-classification': task });
    const image = picture('a.png');
    const found = await runNode(classifyImage, { model: 'a/b' }, { image }, services);
    expect(found.scores).toEqual({ ...scores(['cat', 0.7], ['dog', 0.2]), subject: 'a.png' });
    expect(seen).toEqual([{ image }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(classifyImage, { image: picture() }));
});
