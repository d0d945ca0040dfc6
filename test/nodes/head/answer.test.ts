import { describe, expect, it } from 'vitest';
import type { Tasks } from '../../../src/models/pipelines/task.ts';
import answer from '../../../src/nodes/head/answer.ts';
import type { AnswerValue } from '../../../src/protocol/value.ts';
import { failure } from '../../files/temporary-folder.ts';
import { contextWith, filled, runNode } from '../call-node.ts';
import { familyOf, features, nothingSeen, noting, picture, refusesOtherModels, text } from '../fake-family.ts';

const image = picture('a.png');
const question = text('how many cats?');
const two: AnswerValue = { kind: 'Answer', text: 'two', score: 0.8, alternatives: [{ label: 'two', score: 0.8 }] };

describe('head/answer', () => {
  it('asks about a picture, or about regions', async () => {
    const { seen, task } = noting(two);
    const services = familyOf({ 'visual-question-answering': task });
    const found = await runNode(answer, { model: 'a/b' }, { ...nothingSeen, image, question }, services);
    expect(found).toEqual({ answer: two });
    await runNode(answer, { model: 'a/b', maxTokens: 3 }, { ...nothingSeen, features, question }, services);
    expect(seen).toEqual([
      { image, question: 'how many cats?' },
      { regions: { features }, question: 'how many cats?', maxTokens: 3 },
    ]);
  });

  it('shows what is written so far', async () => {
    const tasks: Tasks = {
      'visual-question-answering': async (_, options) => {
        for (const piece of ['two', ' grey', ' cats']) options?.onText?.(piece);
        return { kind: 'Answer', text: 'two grey cats' };
      },
    };
    const notes: [number, number | undefined, string | undefined][] = [];
    const context = { ...contextWith(familyOf(tasks)), progress: (...news: never) => void notes.push(news) };
    const params = filled(answer, { model: 'a/b' });
    await answer.run!({ params, inputs: { ...nothingSeen, image, question }, context });
    await answer.run!({ params: { ...params, maxTokens: 2 }, inputs: { ...nothingSeen, image, question }, context });
    const written = ['two', 'two grey', 'two grey cats'];
    expect(notes).toEqual([
      ...written.map((all, index) => [index + 1, undefined, all]),
      ...written.map((all, index) => [index + 1, Math.max(2, index + 1), all]),
    ]);
  });

  it('refuses nothing to look at, and checkpoints that do something else', async () => {
    const blind = await failure(runNode(answer, { model: 'a/b' }, { ...nothingSeen, question }, familyOf({})));
    expect(blind).toMatchObject({ code: 'run/bad-input', socket: 'image' });
    await refusesOtherModels(answer, { ...nothingSeen, image, question });
  });
});
