/**
 * Claims that differ from a true one in a single point and are false of the scene.
 * Must not phrase them; a distractor keeps the form of its original so that only the point differs.
 */
import { type Claim, type Mention, truthOf } from './claims.ts';
import type { Random } from './random.ts';
import type { Scene } from './scene.ts';
import { backgrounds, colours, opposite, places, relations, shapes, sizes, textures, tones } from './vocabulary.ts';

export type Change =
  | 'shape'
  | 'colour'
  | 'size'
  | 'texture'
  | 'place'
  | 'count'
  | 'relation'
  | 'background'
  | 'tone'
  | 'swap';

export interface Distractor {
  readonly change: Change;
  readonly claim: Claim;
}

const values = { shape: shapes, colour: colours, size: sizes, texture: textures, place: places } as const;
type Attribute = keyof typeof values;
const attributes = Object.keys(values) as Attribute[];

function withMention(claim: Claim, index: number, mention: Mention): Claim {
  return { ...claim, mentions: claim.mentions.map((old, i) => (i === index ? mention : old)) };
}

function attributeChanges(claim: Claim): Distractor[][] {
  const groups: Distractor[][] = [];
  for (const [index, mention] of claim.mentions.entries()) {
    for (const attribute of attributes) {
      if (mention[attribute] === undefined) continue;
      groups.push(
        values[attribute]
          .filter((value) => value !== mention[attribute])
          .map((value) => ({
            change: attribute,
            claim: withMention(claim, index, { ...mention, [attribute]: value }),
          })),
      );
    }
    if (mention.count > 1) {
      const others = [2, 3, 4, 5].filter((count) => count !== mention.count);
      groups.push(
        others.map((count) => ({ change: 'count', claim: withMention(claim, index, { ...mention, count }) })),
      );
    }
  }
  return groups;
}

function frameChanges(claim: Claim): Distractor[][] {
  const groups: Distractor[][] = [];
  const { relation, background } = claim;
  if (relation !== undefined) {
    // The plain reversal twice: it is the one that tests which object is which.
    const others = [opposite[relation], ...relations.filter((other) => other !== relation)];
    groups.push(others.map((other) => ({ change: 'relation', claim: { ...claim, relation: other } })));
  }
  if (background?.kind !== undefined) {
    groups.push(
      backgrounds
        .filter((kind) => kind !== background.kind)
        .map((kind) => ({ change: 'background', claim: { ...claim, background: { ...background, kind } } })),
    );
  }
  if (background?.tone !== undefined) {
    groups.push(
      tones
        .filter((tone) => tone !== background.tone)
        .map((tone) => ({ change: 'tone', claim: { ...claim, background: { ...background, tone } } })),
    );
  }
  return groups;
}

/** Two mentions exchange one attribute: "a red circle and a blue star" becomes "a blue circle and a red star". */
function swaps(claim: Claim): Distractor[] {
  const found: Distractor[] = [];
  for (let i = 0; i < claim.mentions.length; i++) {
    for (let j = i + 1; j < claim.mentions.length; j++) {
      const a = claim.mentions[i]!;
      const b = claim.mentions[j]!;
      for (const attribute of attributes) {
        const [x, y] = [a[attribute], b[attribute]];
        if (x === undefined || y === undefined || x === y) continue;
        const once = withMention(claim, i, { ...a, [attribute]: y });
        found.push({ change: 'swap', claim: withMention(once, j, { ...b, [attribute]: x }) });
      }
    }
  }
  return found;
}

/**
 * Up to `count` different distractors, every point of the claim equally likely to change.
 * @param withSwaps also exchange attributes between mentions (two words change, one idea)
 */
export function distract(claim: Claim, scene: Scene, count: number, random: Random, withSwaps = false): Distractor[] {
  const groups = [...attributeChanges(claim), ...frameChanges(claim)];
  const exchanged = withSwaps ? swaps(claim) : [];
  if (exchanged.length > 0) groups.push(exchanged);
  const open = groups.map((group) => random.shuffle(group));
  const found: Distractor[] = [];
  const seen = new Set<string>();
  while (found.length < count && open.length > 0) {
    const site = random.integer(open.length);
    const candidate = open[site]!.pop();
    if (candidate === undefined) {
      open.splice(site, 1);
      continue;
    }
    const key = JSON.stringify(candidate.claim);
    if (seen.has(key) || truthOf(candidate.claim, scene) !== 'false') continue;
    seen.add(key);
    found.push(candidate);
  }
  return found;
}
