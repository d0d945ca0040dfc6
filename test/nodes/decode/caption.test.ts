import { describe, expect, it } from 'vitest';
import caption from '../../../src/nodes/decode/caption.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const image = picture('a.png');

describe('decode/caption', () => {
  it('hands on the picture, how the caption begins and how long it may be', async () => {
    const { seen, options, task } = noting({ kind: 'Caption', text: 'two cats' } as const);
    const services = familyOf({ 'image-to-text': task });
    const bare = await runNode(caption, { model: 'a/b' }, { image, prompt: undefined }, services);
    expect(bare.caption).toEqual({ kind: 'Caption', text: 'two cats' });
    await runNode(caption, { model: 'a/b', maxTokens: 5 }, { image, prompt: text('a photo of') }, services);
    expect(seen).toEqual([{ image }, { image, prompt: 'a photo of', maxTokens: 5 }]);
    expect(options[0]?.onText).toBeTypeOf('function');
    expect(options[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(caption, { image, prompt: undefined }));
});
