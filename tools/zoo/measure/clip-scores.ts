/**
 * Accuracies from embeddings. A tie counts as a failure. Must not run a model.
 */
import { candidateCount, galleryCount, type Trial } from './candidates.ts';

export interface Embedded {
  /** One unit vector a trial. */
  readonly pictures: readonly Float32Array[];
  readonly text: (text: string) => Float32Array;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const share = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;

/** Share of trials whose true text beats every wrong one; trials with fewer than `least` wrong ones do not count. */
function zeroShot(
  trials: readonly Trial[],
  { pictures, text }: Embedded,
  of: (trial: Trial) => [string, readonly string[]],
  least: number,
) {
  const hits: boolean[] = [];
  for (const [i, trial] of trials.entries()) {
    const [right, wrong] = of(trial);
    if (wrong.length < least) continue;
    const picture = pictures[i]!;
    const score = dot(picture, text(right));
    hits.push(wrong.every((other) => dot(picture, text(other)) < score));
  }
  return { trials: hits.length, accuracy: share(hits) };
}

/** Share of single comparisons won, by what the wrong caption changed. */
function byChange(trials: readonly Trial[], { pictures, text }: Embedded): Record<string, number> {
  const won = new Map<string, boolean[]>();
  for (const [i, { caption, onePoint }] of trials.entries()) {
    const score = dot(pictures[i]!, text(caption));
    for (const wrong of onePoint) {
      won.set(wrong.change, [...(won.get(wrong.change) ?? []), dot(pictures[i]!, text(wrong.text)) < score]);
    }
  }
  return Object.fromEntries([...won].toSorted().map(([change, hits]) => [change, Number(share(hits).toFixed(4))]));
}

/** Recall at 1 in galleries of consecutive trials, both ways. */
function retrieval(trials: readonly Trial[], { pictures, text }: Embedded) {
  const toText: boolean[] = [];
  const toPicture: boolean[] = [];
  for (let start = 0; start + galleryCount <= trials.length; start += galleryCount) {
    const texts = trials.slice(start, start + galleryCount).map((trial) => text(trial.complete));
    const gallery = pictures.slice(start, start + galleryCount);
    const table = gallery.map((picture) => texts.map((one) => dot(picture, one)));
    for (let i = 0; i < galleryCount; i++) {
      const own = table[i]![i]!;
      toText.push(table[i]!.every((value, j) => j === i || value < own));
      toPicture.push(table.every((row, j) => j === i || row[i]! < own));
    }
  }
  return { galleries: toText.length / galleryCount, imageToTextR1: share(toText), textToImageR1: share(toPicture) };
}

/** One line a score, in the order of docs/zoo.md. */
export function clipScores(trials: readonly Trial[], embedded: Embedded): Record<string, unknown>[] {
  const least = candidateCount - 1;
  const texts = (wrong: Trial['onePoint']) => wrong.map((one) => one.text);
  return [
    { score: 'zero-shot, 15 random distractors', ...zeroShot(trials, embedded, (t) => [t.caption, t.random], least) },
    {
      score: 'zero-shot, 15 distractors that differ in one point',
      ...zeroShot(trials, embedded, (t) => [t.caption, texts(t.onePoint)], least),
    },
    { score: 'one comparison, by what differs', ...byChange(trials, embedded) },
    {
      score: 'short labels, up to 6 distractors that differ in one point',
      ...zeroShot(trials, embedded, (t) => [t.label, texts(t.labelWrong)], 1),
    },
    { score: 'retrieval in galleries of 100', ...retrieval(trials, embedded) },
  ];
}

/** In how many trials two models choose different captions, of the true one and the wrong ones of either sort. */
export function disagreements(trials: readonly Trial[], one: Embedded, other: Embedded): Record<string, number> {
  const count = (of: (trial: Trial) => readonly string[]) =>
    trials.filter((trial, index) => {
      const texts = [trial.caption, ...of(trial)];
      return firstChoice(one, index, texts) !== firstChoice(other, index, texts);
    }).length;
  const differences = one.pictures.map((picture, index) => 1 - dot(picture, other.pictures[index]!));
  return {
    otherChoiceRandom: count(({ random }) => random),
    otherChoiceOnePoint: count(({ onePoint }) => onePoint.map(({ text }) => text)),
    leastPictureCosine: 1 - Math.max(...differences),
  };
}

function firstChoice({ pictures, text }: Embedded, trial: number, texts: readonly string[]): string {
  const scores = texts.map((one) => dot(pictures[trial]!, text(one)));
  return texts[scores.indexOf(Math.max(...scores))]!;
}
