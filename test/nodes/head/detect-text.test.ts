import { describe, expect, it } from 'vitest';
import detectText from '../../../src/nodes/head/detect-text.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { boxes, familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const image = picture('a.png');

describe('head/detect-text', () => {
  it('asks for prompts above a threshold, and names boxes by label and picture', async () => {
    const { seen, task } = noting(boxes);
    const services = familyOf({ 'zero-shot-object-detection': task });
    const inputs = { image, labels: [text('thing', 'a label')] };
    const found = await runNode(detectText, { model: 'a/b', threshold: 0.3 }, inputs, services);
    expect(found.boxes).toMatchObject({ subject: 'a.png', imageWidth: 10, boxes: [{ label: 'a label' }, { x: 5 }] });
    expect(seen).toEqual([{ image, labels: ['thing'], threshold: 0.3 }]);
  });

  it('refuses no label, and checkpoints that do something else', async () => {
    const none = runNode(detectText, { model: 'a/b' }, { image, labels: [] }, familyOf({}));
    expect(await failure(none)).toMatchObject({ code: 'run/bad-input', socket: 'labels' });
    await refusesOtherModels(detectText, { image, labels: [text('a')] });
  });
});
