import { describe, expect, it } from 'vitest';
import classifyVideo from '../../../src/nodes/head/classify-video.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, scores, text } from '../fake-family.ts';

const frames = [picture('1.png'), picture('2.png')];
const labels = [text('a video of running', 'running')];

describe('head/classify-video', () => {
  it('hands on the frames as one video', async () => {
    const { seen, task } = noting(scores(['a video of running', 1]));
    const services = familyOf({ 'zero-shot-video-classification': task });
    const found = await runNode(classifyVideo, { model: 'a/b' }, { frames, labels }, services);
    expect(found.scores).toEqual(scores(['running', 1]));
    expect(seen).toEqual([{ frames, labels: ['a video of running'] }]);
  });

  it('refuses no frame, no label, and checkpoints that do something else', async () => {
    const run = (inputs: { frames: typeof frames; labels: typeof labels }) =>
      failure(runNode(classifyVideo, { model: 'a/b' }, inputs, familyOf({})));
    expect(await run({ frames: [], labels })).toMatchObject({ code: 'run/bad-input', socket: 'frames' });
    expect(await run({ frames, labels: [] })).toMatchObject({ code: 'run/bad-input', socket: 'labels' });
    await refusesOtherModels(classifyVideo, { frames, labels });
  });
});
