import { describe, expect, it } from 'vitest';
import reason from '../../../src/nodes/head/reason.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import {
  boxes,
  familyOf,
  features,
  noting,
  picture,
  refusesOtherModels,
  regions,
  scores,
  text,
} from '../fake-family.ts';

const statement = text('both show a cat');
const pair = { left: picture('l'), right: picture('r'), features: undefined, boxes: undefined };

describe('head/reason', () => {
  it('hands on two pictures in order, or the regions of both', async () => {
    const { seen, task } = noting(scores(['True', 0.8], ['False', 0.2]));
    const services = familyOf({ 'visual-reasoning': task });
    const found = await runNode(reason, { model: 'a/b' }, { ...pair, statement }, services);
    expect(found.scores).toEqual({ ...scores(['True', 0.8], ['False', 0.2]), subject: 'both show a cat' });
    await runNode(reason, { model: 'a/b' }, { ...pair, features, boxes, statement }, services);
    expect(seen).toEqual([
      { images: [pair.left, pair.right], text: 'both show a cat' },
      { regions, text: 'both show a cat' },
    ]);
  });

  it('refuses one picture, none, other boxes, and checkpoints that do something else', async () => {
    const services = familyOf({ 'visual-reasoning': noting(scores()).task });
    const run = (seen: Partial<typeof pair>, given = {}) =>
      failure(runNode(reason, { model: 'a/b' }, { ...pair, ...seen, ...given, statement } as never, services));
    expect(await run({ right: undefined as never })).toMatchObject({ code: 'run/bad-input', socket: 'right' });
    const none = await run({ left: undefined as never, right: undefined as never });
    expect(none.message).toContain('received neither');
    const fewer = { ...boxes, boxes: boxes.boxes.slice(1) };
    expect(await run({}, { features, boxes: fewer })).toMatchObject({ code: 'run/bad-input', socket: 'boxes' });
    await refusesOtherModels(reason, { ...pair, statement });
  });
});
