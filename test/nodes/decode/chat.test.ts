import { describe, expect, it } from 'vitest';
import chat from '../../../src/nodes/decode/chat.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const inputs = { images: [picture('1'), picture('2')], prompt: text('<image> and <image>: which?') };

describe('decode/chat', () => {
  it('hands on pictures and prompt', async () => {
    const { seen, task } = noting({ kind: 'Caption', text: ' the first' } as const);
    const found = await runNode(chat, { model: 'a/b', maxTokens: 4 }, inputs, familyOf({ 'image-text-to-text': task }));
    expect(found.caption.text).toBe(' the first');
    expect(seen).toEqual([{ images: inputs.images, prompt: '<image> and <image>: which?', maxTokens: 4 }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(chat, inputs));
});
