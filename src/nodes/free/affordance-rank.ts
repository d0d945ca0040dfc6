/** free/affordance-rank: what is worth doing and can be done here. Must not know any model: both judgements come in. */
import { WeftError } from '../../errors.ts';
import type { BoxesValue, ScoresValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { softmax } from '../vectors.ts';

export default defineNode({
  type: 'free/affordance-rank',
  version: 1,
  title: 'Ranking by affordance',
  summary: "Ranks skills by a language model's likelihood times what the picture allows.",
  doc: `SayCan's choice of the next skill: a language model tells how probable each skill's words are as an answer to the instruction, a model that sees
tells how likely the skill would succeed here, and the product of both ranks the skills:

    p(skill) = p(words of the skill | instruction) * p(success | skill, picture), over all skills normalised

- \`likelihoods\`: one entry for each skill. Probabilities are taken as they are; scores that are not normalised are log-likelihoods, and
  become probabilities by a softmax over the skills.
- \`affordances\`: the same skills with numbers from 0 to 1, from a dual encoder or a matching head; or
- \`boxes\`: what a detector found. A skill may act on what it names: its affordance is the highest score of a box whose label it is or
  contains in whole words, and \`unseen\` where there is none.

Errors: \`run/bad-input\` for neither or both of affordances and boxes, no skills, a skill without affordance, numbers that are none or
outside 0 to 1.`,
  paper: {
    title: 'Do As I Can, Not As I Say: Grounding Language in Robotic Affordances (SayCan)',
    url: 'https://arxiv.org/abs/2204.01691',
  },
  params: {
    unseen: {
      kind: 'number',
      doc: 'Affordance of a skill that names nothing a box was found for.',
      default: 0,
      min: 0,
      max: 1,
    },
  },
  inputs: {
    likelihoods: { type: { kind: 'Scores' }, doc: 'How probable the language model holds each skill.' },
    affordances: { type: { kind: 'Scores' }, doc: 'How likely each skill would succeed.', optional: true },
    boxes: { type: { kind: 'Boxes' }, doc: 'Objects that were found.', optional: true },
  },
  outputs: {
    scores: { type: { kind: 'Scores' }, doc: 'Skills by probability, best first.' },
    table: { type: { kind: 'Table' }, doc: 'Each skill with its likelihood, its affordance and their product.' },
  },
  async run({ params: { unseen }, inputs: { likelihoods, affordances, boxes } }) {
    const { entries, normalized } = likelihoods;
    if (entries.length === 0) badInput('likelihoods', 'at least one skill', 'none');
    if ((affordances === undefined) === (boxes === undefined)) {
      badInput('affordances', 'either affordances or boxes', affordances === undefined ? 'neither' : 'both');
    }
    const given = entries.map(({ score }) => score);
    if (!given.every(Number.isFinite)) badInput('likelihoods', 'finite numbers', 'others');
    const likely = normalized ? given : softmax(given);
    const affordance = affordances === undefined ? byBoxes(boxes!, unseen) : byScores(affordances);
    const rows = entries.map(({ label }, index) => {
      const possible = affordance(label);
      if (!(possible >= 0 && possible <= 1)) badInput('affordances', 'numbers from 0 to 1', possible);
      return { label, likelihood: likely[index]!, affordance: possible, product: likely[index]! * possible };
    });
    const total = rows.reduce((sum, { product }) => sum + product, 0);
    // Where nothing is possible, nothing is more probable than anything else.
    const ranked = rows
      .map((row) => ({ ...row, score: total > 0 ? row.product / total : 0 }))
      .sort((a, b) => b.score - a.score);
    const subject = likelihoods.subject ?? affordances?.subject ?? boxes?.subject;
    return {
      scores: {
        kind: 'Scores',
        entries: ranked.map(({ label, score }) => ({ label, score })),
        normalized: true,
        ...(subject === undefined ? {} : { subject }),
      },
      table: {
        kind: 'Table',
        columns: ['skill', 'likelihood', 'affordance', 'product'],
        rows: ranked.map(({ label, likelihood, affordance: possible, product }) => [
          label,
          likelihood,
          possible,
          product,
        ]),
      },
    };
  },
});

function byScores({ entries }: ScoresValue): (skill: string) => number {
  const known = new Map(entries.map(({ label, score }) => [label, score]));
  return (skill) => known.get(skill) ?? badInput('affordances', `an entry for the skill "${skill}"`, 'none');
}

function byBoxes({ boxes }: BoxesValue, unseen: number): (skill: string) => number {
  const words = (text: string) =>
    ` ${text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .join(' ')
      .trim()} `;
  const found = boxes.map(({ label, score }) => ({ words: words(label), score }));
  return (skill) => {
    const named = found.filter((box) => words(skill).includes(box.words)).map(({ score }) => score);
    return named.length === 0 ? unseen : Math.max(...named);
  };
}

function badInput(socket: string, expected: string, received: string | number): never {
  throw new WeftError('run/bad-input', { expected, socket, received });
}
