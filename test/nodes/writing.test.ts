import { describe, expect, it } from 'vitest';
import caption from '../../src/nodes/decode/caption.ts';
import { whileWriting } from '../../src/nodes/writing.ts';
import { runNode } from './call-node.ts';
import { familyOf, noting, picture } from './fake-family.ts';

const image = picture('a.png');

describe('parameters of nodes that write', () => {
  it('become settings of decoding, those that are given', async () => {
    const { seen, task } = noting({ kind: 'Caption', text: 'two cats' } as const);
    const services = familyOf({ 'image-to-text': task });
    const inputs = { image, prompt: undefined };
    await runNode(
      caption,
      { model: 'a/b', strategy: 'sample', temperature: 0.5, seed: 3, stop: ['.'] },
      inputs,
      services,
    );
    await runNode(caption, { model: 'a/b', beams: 4, earlyStopping: 'yes', maxTokens: 9 }, inputs, services);
    await runNode(caption, { model: 'a/b', strategy: 'beam', earlyStopping: 'never' }, inputs, services);
    expect(seen).toEqual([
      { image, decoding: { strategy: 'sample', temperature: 0.5, seed: 3, stop: ['.'] } },
      { image, maxTokens: 9, decoding: { beams: 4, earlyStopping: true } },
      { image, decoding: { strategy: 'beam', earlyStopping: 'never' } },
    ]);
  });

  it('show the draft of beams while it goes on from what is decided', () => {
    const notes: unknown[] = [];
    const context = { signal: new AbortController().signal, progress: (...news: unknown[]) => void notes.push(news) };
    const { onText, onDraft } = whileWriting(context, undefined);
    onText?.('a');
    onDraft?.('a dog');
    onText?.(' cat');
    onDraft?.('a cat runs');
    expect(notes).toEqual([
      [1, undefined, 'a'],
      [2, undefined, 'a dog'],
      [3, undefined, 'a cat'],
      [4, undefined, 'a cat runs'],
    ]);
  });
});
