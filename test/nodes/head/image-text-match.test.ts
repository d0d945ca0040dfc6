import { describe, expect, it } from 'vitest';
import match from '../../../src/nodes/head/image-text-match.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import {
  boxes,
  familyOf,
  features,
  nothingSeen,
  noting,
  picture,
  refusesOtherModels,
  regions,
  scores,
  text,
} from '../fake-family.ts';

const texts = [text('two cats'), text('a dog', 'dog')];
const image = picture('a.png');

describe('head/image-text-match', () => {
  it('hands on a picture and all texts', async () => {
    const { seen, task } = noting(scores(['two cats', 0.9], ['a dog', 0.05]));
    const services = familyOf({ 'image-text-matching': task });
    const found = await runNode(match, { model: 'a/b' }, { ...nothingSeen, image, texts }, services);
    expect(found.scores).toEqual({ ...scores(['two cats', 0.9], ['dog', 0.05]), subject: 'a.png' });
    expect(seen).toEqual([{ image, texts: ['two cats', 'a dog'] }]);
  });

  it('hands on regions with boxes as shares of the picture', async () => {
    const { seen, task } = noting(scores(['two cats', 1]));
    const services = familyOf({ 'image-text-matching': task });
    await runNode(match, { model: 'a/b' }, { image, features, boxes, texts }, services);
    expect(seen).toEqual([{ regions, texts: ['two cats', 'a dog'] }]);
  });

  it('refuses nothing to look at, no text, and checkpoints that do something else', async () => {
    const blind = await failure(runNode(match, { model: 'a/b' }, { ...nothingSeen, texts }, familyOf({})));
    expect(blind).toMatchObject({ code: 'run/bad-input', socket: 'image' });
    const mute = await failure(runNode(match, { model: 'a/b' }, { ...nothingSeen, image, texts: [] }, familyOf({})));
    expect(mute).toMatchObject({ code: 'run/bad-input', socket: 'texts' });
    await refusesOtherModels(match, { ...nothingSeen, image, texts });
  });
});
