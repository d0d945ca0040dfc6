import { describe, expect, it } from 'vitest';
import captionVideo from '../../../src/nodes/decode/caption-video.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const frames = [picture('1'), picture('2')];

describe('decode/caption-video', () => {
  it('hands on the frames as one video', async () => {
    const { seen, task } = noting({ kind: 'Caption', text: 'a dog runs' } as const);
    const services = familyOf({ 'video-to-text': task });
    const found = await runNode(captionVideo, { model: 'a/b' }, { frames, prompt: text('a') }, services);
    expect(found.caption.text).toBe('a dog runs');
    expect(seen).toEqual([{ frames, prompt: 'a' }]);
  });

  it('refuses no frame, and checkpoints that do something else', async () => {
    const none = runNode(captionVideo, { model: 'a/b' }, { frames: [], prompt: undefined }, familyOf({}));
    expect(await failure(none)).toMatchObject({ code: 'run/bad-input', socket: 'frames' });
    await refusesOtherModels(captionVideo, { frames, prompt: undefined });
  });
});
