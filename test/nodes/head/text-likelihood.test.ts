/** With the zoo's small language model, whose every probability can be asked for on its own. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { FAMILIES } from '../../../src/models/pipelines/registry.ts';
import textLikelihood from '../../../src/nodes/head/text-likelihood.ts';
import { failure } from '../../files/temporary-folder.ts';
import { repositoryRoot } from '../../graphs/run-graph.ts';
import { runNode } from '../call-node.ts';
import { familyOf, text } from '../fake-family.ts';

const opened = openFamily(join(repositoryRoot, 'models/zoo/gpt2-shapes'), {
  model: 'zoo/gpt2-shapes',
  precision: 'fp32',
  families: FAMILIES,
});

async function scoresOf(prompt: string, texts: readonly string[], more: Record<string, boolean> = {}) {
  const { loaded } = await opened;
  const inputs = { prompt: text(prompt), texts: texts.map((each) => text(each)) };
  const given = { model: 'zoo/gpt2-shapes', ...more };
  const { scores } = await runNode(textLikelihood, given, inputs, familyOf({}, { language: loaded.language! }));
  return scores;
}

describe('head/text-likelihood', () => {
  it('prefers what the language says, and gives probabilities', async () => {
    const scores = await scoresOf('a picture of', ['a red ring', 'a a a a', 'ring red a']);
    expect(scores.entries[0]?.label).toBe('a red ring');
    expect(scores.entries.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
    expect(scores).toMatchObject({ normalized: true, subject: 'a picture of' });
  });

  it('follows the chain rule: what all texts begin with changes nothing', async () => {
    const shares = async (prompt: string, texts: readonly string[]) => {
      const { entries } = await scoresOf(prompt, texts);
      return entries.map(({ label, score }) => [label.split(' ').at(-1), score.toFixed(5)]);
    };
    const short = await shares('a picture of a red', ['ring', 'star', 'square']);
    expect(await shares('a picture of', ['a red ring', 'a red star', 'a red square'])).toEqual(short);
  });

  it('counts the end only where it is asked for', async () => {
    const texts = ['a red', 'a red ring'];
    const first = async (ends: boolean) => (await scoresOf('a picture of', texts, { ends })).entries[0]?.label;
    // Nothing ends after a colour; but a beginning is always likelier than what goes on with it.
    expect(await first(true)).toBe('a red ring');
    expect(await first(false)).toBe('a red');
  });

  it('refuses no texts, and models that write nothing', async () => {
    expect(await failure(scoresOf('a', []))).toMatchObject({ code: 'run/bad-input' });
    const inputs = { prompt: text('a'), texts: [text('b')] };
    const other = failure(runNode(textLikelihood, { model: 'a/b' }, inputs, familyOf({})));
    expect(await other).toMatchObject({ code: 'model/unsupported' });
  });
});
