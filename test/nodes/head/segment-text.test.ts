import { describe, expect, it } from 'vitest';
import segmentText from '../../../src/nodes/head/segment-text.ts';
import type { MasksValue } from '../../../src/protocol/value.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const image = picture('a.png');
const mask = { label: 'a photo of a ring', score: 0.9, data: Uint8Array.of(1, 0, 0, 1) };
const masks: MasksValue = { kind: 'Masks', width: 2, height: 2, masks: [mask] };

describe('head/segment-text', () => {
  it('asks for prompts above a threshold, and names masks by label', async () => {
    const { seen, task } = noting(masks);
    const services = familyOf({ 'zero-shot-image-segmentation': task });
    const inputs = { image, labels: [text('a photo of a ring', 'ring')] };
    const found = await runNode(segmentText, { model: 'a/b', threshold: 0.3 }, inputs, services);
    expect(found.masks).toEqual({ ...masks, masks: [{ ...mask, label: 'ring' }] });
    expect(seen).toEqual([{ image, labels: ['a photo of a ring'], threshold: 0.3 }]);
  });

  it('refuses no label, and checkpoints that do something else', async () => {
    const none = runNode(segmentText, { model: 'a/b' }, { image, labels: [] }, familyOf({}));
    expect(await failure(none)).toMatchObject({ code: 'run/bad-input', socket: 'labels' });
    await refusesOtherModels(segmentText, { image, labels: [text('a')] });
  });
});
