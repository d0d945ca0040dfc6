/**
 * Sentences that a scene entails, contradicts, or leaves open, in the fields of SNLI-VE.
 * Must not judge truth itself (claims.ts).
 */
import { closeClaim, completeClaim, partClaim } from './captions.ts';
import { distract } from './distractors.ts';
import { say } from './phrases.ts';
import { Random } from './random.ts';
import type { Scene } from './scene.ts';

export type EntailmentLabel = 'entailment' | 'neutral' | 'contradiction';

export interface EntailmentRow {
  readonly annotator_labels: readonly EntailmentLabel[];
  readonly captionID: string;
  readonly gold_label: EntailmentLabel;
  readonly pairID: string;
  /** The premise in words; the picture is the real premise. */
  readonly sentence1: string;
  readonly sentence2: string;
  /** The picture, under the name that the format gives this field. */
  readonly Flickr30K_ID: string;
}

/** What no drawing of this world shows, so it stays open: material, age, maker, price, weight. */
const openEndings = [
  'is made of wood',
  'is made of paper',
  'was drawn by a child',
  'was painted yesterday',
  'is very expensive',
  'is heavier than it looks',
  'is going to move soon',
  'is the favourite of the artist',
];

/** Two rows of each label. */
export function entailmentOf(scene: Scene, picture: string): EntailmentRow[] {
  const random = new Random(scene.seed, 'entailment');
  const premise = say(completeClaim(scene, random), new Random(scene.seed, 'premise')).text;
  const rows: [EntailmentLabel, string][] = [];
  for (const [turn, choose] of [closeClaim, partClaim].entries()) {
    const claim = choose(scene, random);
    const style = () => new Random(scene.seed, `entailment-style-${turn}`);
    rows.push(['entailment', say(claim, style()).text]);
    const [wrong] = distract(claim, scene, 1, random);
    if (wrong !== undefined) rows.push(['contradiction', say(wrong.claim, style()).text]);
    const object = random.pick(scene.objects);
    rows.push(['neutral', `the ${object.colour} ${object.shape} ${random.pick(openEndings)}`]);
  }
  return rows.map(([label, sentence], i) => ({
    annotator_labels: [label],
    captionID: `${picture}#0`,
    gold_label: label,
    pairID: `${picture}#0r${i}${label[0]}`,
    sentence1: premise,
    sentence2: sentence,
    Flickr30K_ID: picture,
  }));
}
