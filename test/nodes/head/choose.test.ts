import { describe, expect, it } from 'vitest';
import choose from '../../../src/nodes/head/choose.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import {
  boxes,
  familyOf,
  features,
  nothingSeen,
  noting,
  refusesOtherModels,
  regions,
  scores,
  text,
} from '../fake-family.ts';

const question = text('why does it run?');
const choices = [text('to eat'), text('to flee', 'flee')];

describe('head/choose', () => {
  it('hands on what is seen, the question and the choices', async () => {
    const { seen, task } = noting(scores(['to flee', 0.9], ['to eat', 0.1]));
    const services = familyOf({ 'multiple-choice': task });
    const inputs = { image: undefined, features, boxes, question, choices };
    const found = await runNode(choose, { model: 'a/b' }, inputs, services);
    expect(found.scores).toEqual({ ...scores(['flee', 0.9], ['to eat', 0.1]), subject: 'why does it run?' });
    expect(seen).toEqual([{ regions, question: 'why does it run?', choices: ['to eat', 'to flee'] }]);
  });

  it('refuses no choice, nothing to look at, and checkpoints that do something else', async () => {
    const run = (given: { features?: typeof features; choices?: typeof choices }) =>
      failure(runNode(choose, { model: 'a/b' }, { ...nothingSeen, question, choices, ...given }, familyOf({})));
    expect(await run({ features, choices: [] })).toMatchObject({ code: 'run/bad-input', socket: 'choices' });
    expect(await run({})).toMatchObject({ code: 'run/bad-input', socket: 'image' });
    await refusesOtherModels(choose, { ...nothingSeen, features, question, choices });
  });
});
