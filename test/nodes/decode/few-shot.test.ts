import { describe, expect, it } from 'vitest';
import fewShot from '../../../src/nodes/decode/few-shot.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const inputs = {
  image: picture('query'),
  question: undefined,
  examples: [picture('1'), picture('2')],
  texts: [text('a cat'), text('a dog')],
  questions: undefined,
};

const run = (given: object, changes: object = {}) => {
  const { seen, task } = noting({ kind: 'Caption', text: 'a bird' } as const);
  const services = familyOf({ 'image-text-to-text': task });
  const caption = runNode(fewShot, { model: 'a/b', ...given }, { ...inputs, ...changes }, services);
  return { seen, caption };
};

describe('decode/few-shot', () => {
  it('shows the examples first, then asks for the text of the picture', async () => {
    const { seen, caption } = run({ form: 'open-flamingo', maxTokens: 4 });
    expect((await caption).caption.text).toBe('a bird');
    expect(seen).toEqual([
      {
        images: [picture('1'), picture('2'), picture('query')],
        prompt: '<image>Output:a cat<|endofchunk|><image>Output:a dog<|endofchunk|><image>Output:',
        decoding: { stop: ['<|endofchunk|>'] },
        maxTokens: 4,
      },
    ]);
  });

  it('ends where the next example would begin, by any strategy and beside stop strings of a person', async () => {
    const { seen, caption } = run({ form: 'open-flamingo', beams: 3, stop: ['.'] });
    await caption;
    expect(seen).toMatchObject([{ decoding: { beams: 3, stop: ['<|endofchunk|>', '.'] } }]);
  });

  it('asks the question of each picture', async () => {
    const { seen, caption } = run({}, { question: text('Which?'), questions: [text('What?'), text('Who?')] });
    await caption;
    expect(seen).toMatchObject([
      {
        prompt:
          'User:<image>What?\nAssistant: a cat\nUser:<image>Who?\nAssistant: a dog\nUser:<image>Which?\nAssistant:',
      },
    ]);
  });

  it('refuses examples without their texts, and questions about some pictures only', async () => {
    await expect(run({}, { texts: [text('a cat')] }).caption).rejects.toMatchObject({
      code: 'run/bad-input',
      message: expect.stringContaining('2 texts'),
    });
    await expect(run({}, { question: text('Which?') }).caption).rejects.toMatchObject({ code: 'run/bad-input' });
    const questions = [text('What?'), text('Who?')];
    await expect(run({}, { questions }).caption).rejects.toMatchObject({ code: 'run/bad-input' });
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(fewShot, inputs));
});
