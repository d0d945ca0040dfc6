import { describe, expect, it } from 'vitest';
import groundPhrases from '../../../src/nodes/head/ground-phrases.ts';
import { failure } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';
import { boxes, familyOf, features, noting, refusesOtherModels, regions, scores, text } from '../fake-family.ts';

const said = text('a dog sees the cat');
const phrases = [text('a dog'), text('the cat')];

describe('head/ground-phrases', () => {
  it('hands on the regions, the text and its phrases', async () => {
    const { seen, task } = noting(scores(['the cat: region 2', 0.9], ['a dog: region 1', 0.6]));
    const inputs = { features, boxes, text: said, phrases };
    const found = await runNode(groundPhrases, { model: 'a/b' }, inputs, familyOf({ 'phrase-grounding': task }));
    expect(found.scores).toEqual({
      ...scores(['the cat: region 2', 0.9], ['a dog: region 1', 0.6]),
      subject: 'a dog sees the cat',
    });
    expect(seen).toEqual([{ regions, text: 'a dog sees the cat', phrases: ['a dog', 'the cat'] }]);
  });

  it('refuses no phrase, and checkpoints that do something else', async () => {
    const inputs = { features, boxes: undefined, text: said, phrases: [] };
    expect(await failure(runNode(groundPhrases, { model: 'a/b' }, inputs, familyOf({})))).toMatchObject({
      code: 'run/bad-input',
      socket: 'phrases',
    });
    await refusesOtherModels(groundPhrases, { ...inputs, phrases });
  });
});
