import { describe, expect, it } from 'vitest';
import fillMask from '../../../src/nodes/head/fill-mask.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { familyOf, nothingSeen, noting, picture, refusesOtherModels, scores, text } from '../fake-family.ts';

const sentence = text('a [MASK] on a [MASK]');
const masks = [scores(['cat', 0.6], ['dog', 0.3]), scores(['mat', 0.9], ['bed', 0.1])];

describe('head/fill-mask', () => {
  it('gives the best words of one mask, with or without a picture', async () => {
    const { seen, task } = noting(masks);
    const services = familyOf({ 'fill-mask': task });
    const first = await runNode(fillMask, { model: 'a/b', most: 1 }, { ...nothingSeen, text: sentence }, services);
    expect(first.scores).toEqual({ ...scores(['cat', 0.6]), subject: sentence.text });
    const image = picture('a.png');
    const second = await runNode(
      fillMask,
      { model: 'a/b', mask: 2 },
      { ...nothingSeen, image, text: sentence },
      services,
    );
    expect(second.scores).toEqual({ ...masks[1], subject: 'a.png' });
    expect(seen).toEqual([{ text: sentence.text }, { image, text: sentence.text }]);
  });

  it('refuses a mask that is not there, and checkpoints that do something else', async () => {
    const services = familyOf({ 'fill-mask': noting(masks).task });
    const third = runNode(fillMask, { model: 'a/b', mask: 3 }, { ...nothingSeen, text: sentence }, services);
    expect(await failure(third)).toMatchObject({ code: 'run/bad-parameter' });
    await refusesOtherModels(fillMask, { ...nothingSeen, text: sentence });
  });
});
