import { describe, expect, it } from 'vitest';
import classifyOpen from '../../../src/nodes/head/classify-open.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, scores, text } from '../fake-family.ts';

const image = picture('a.png');

describe('head/classify-open', () => {
  it('asks for sentences as they are, and answers with their labels', async () => {
    const { seen, task } = noting(scores(['a dog', 0.6], ['a cat', 0.4]));
    const services = familyOf({ 'zero-shot-image-classification': task });
    const labels = [text('a cat', 'cat'), text('a dog', 'dog')];
    const found = await runNode(classifyOpen, { model: 'a/b' }, { image, labels }, services);
    expect(found.scores).toEqual({ ...scores(['dog', 0.6], ['cat', 0.4]), subject: 'a.png' });
    expect(seen).toEqual([{ image, labels: ['a cat', 'a dog'], template: '{}' }]);
  });

  it("leaves bare labels to the model's own template", async () => {
    const { seen, task } = noting(scores(['cat', 1]));
    const services = familyOf({ 'zero-shot-image-classification': task });
    await runNode(classifyOpen, { model: 'a/b' }, { image, labels: [text('cat', 'cat')] }, services);
    expect(seen).toEqual([{ image, labels: ['cat'] }]);
  });

  it('refuses no label, and checkpoints that do something else', async () => {
    const none = runNode(classifyOpen, { model: 'a/b' }, { image, labels: [] }, familyOf({}));
    expect(await failure(none)).toMatchObject({ code: 'run/bad-input', socket: 'labels' });
    await refusesOtherModels(classifyOpen, { image, labels: [text('a')] });
  });
});
