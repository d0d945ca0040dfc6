import { describe, expect, it } from 'vitest';
import { FEW_SHOT_FORMS, fewShotPrompt } from '../../../src/models/pipelines/few-shot-prompt.ts';

describe('fewShotPrompt', () => {
  it("writes captions in OpenFlamingo's form", () => {
    expect(fewShotPrompt('open-flamingo', [{ text: 'two cats.' }, { text: 'a sink.' }])).toEqual({
      prompt: '<image>Output:two cats.<|endofchunk|><image>Output:a sink.<|endofchunk|><image>Output:',
      stop: ['<|endofchunk|>'],
    });
  });

  it("writes questions in OpenFlamingo's form", () => {
    const { prompt } = fewShotPrompt('open-flamingo', [{ text: 'two', question: 'How many?' }], 'What colour?');
    expect(prompt).toBe(
      '<image>Question:How many? Short answer:two<|endofchunk|><image>Question:What colour? Short answer:',
    );
  });

  it("writes both in Idefics' forms", () => {
    const { prompt, stop } = fewShotPrompt('idefics', [{ text: 'Two cats.' }]);
    expect(prompt).toBe(
      'User:<image>Describe this image.\nAssistant: Two cats.\nUser:<image>Describe this image.\nAssistant:',
    );
    expect(stop).toEqual(['\nUser:']);
    expect(fewShotPrompt('idefics-instruct', [{ text: 'Two', question: 'How many?' }], 'Which?').prompt).toBe(
      'User:<image>How many?<end_of_utterance>\nAssistant: Two<end_of_utterance>\nUser:<image>Which?<end_of_utterance>\nAssistant:',
    );
  });

  it.each(FEW_SHOT_FORMS)('is the query alone without examples: %s', (form) => {
    const { prompt } = fewShotPrompt(form, []);
    expect(prompt.match(/<image>/g)).toHaveLength(1);
    expect(fewShotPrompt(form, [{ text: 'a' }]).prompt.endsWith(prompt)).toBe(true);
  });
});
