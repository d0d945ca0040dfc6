import { describe, expect, it } from 'vitest';
import continueText from '../../../src/nodes/decode/continue.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, refusesOtherModels, text } from '../fake-family.ts';

describe('decode/continue', () => {
  it('hands on the prompt', async () => {
    const { seen, task } = noting({ kind: 'Caption', text: ' upon a time' } as const);
    const services = familyOf({ 'text-generation': task });
    const found = await runNode(continueText, { model: 'a/b', maxTokens: 4 }, { prompt: text('once') }, services);
    expect(found.caption.text).toBe(' upon a time');
    expect(seen).toEqual([{ prompt: 'once', maxTokens: 4 }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(continueText, { prompt: text('a') }));
});
