import { describe, expect, it } from 'vitest';
import classifyText from '../../../src/nodes/head/classify-text.ts';
import { runNode } from '../call-node.ts';
import { familyOf, noting, refusesOtherModels, scores, text } from '../fake-family.ts';

describe('head/classify-text', () => {
  it("gives the model's classes, named by the text", async () => {
    const { seen, task } = noting(scores(['POSITIVE', 0.9], ['NEGATIVE', 0.1]));
    const services = familyOf({ 'text-classification': task });
    const found = await runNode(classifyText, { model: 'a/b' }, { text: text('so good') }, services);
    expect(found.scores).toMatchObject({ subject: 'so good', entries: [{ label: 'POSITIVE' }, { label: 'NEGATIVE' }] });
    expect(seen).toEqual([{ text: 'so good' }]);
  });

  it('refuses checkpoints that do something else', () => refusesOtherModels(classifyText, { text: text('a') }));
});
