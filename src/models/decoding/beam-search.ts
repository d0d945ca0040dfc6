/**
 * Beam search, as transformers' `generate` does it: each step reads all beams at once and keeps the best continuations. With
 * groups it is diverse beam search (Vijayakumar 2016, "Diverse Beam Search: Decoding Diverse Solutions from Neural Sequence
 * Models"): at each step the groups choose one after the other, by log-probability minus `diversity` for each time that an
 * earlier group chose the same token; scores of texts stay log-probabilities. Knows no model, only steps.
 */
import { advance, type BeamGroup, candidateCount, NEW_GROUP, type RankedCandidate } from './beams.ts';
import { drawCandidates } from './draw-candidates.ts';
import { drawNumber } from './draw-number.ts';
import { filterScores } from './filters.ts';
import { bestCandidates, toLogProbabilities } from './log-probabilities.ts';
import { processorsOf } from './processors.ts';
import { checkRoom, refuseNoToken, rowsOf } from './prompts.ts';
import type { BeamSettings, FilterSettings } from './settings.ts';
import type { DecodingSteps } from './steps.ts';
import type { LoopOptions } from './token-loop.ts';

export interface BeamOptions extends Omit<LoopOptions, 'onStep'>, BeamSettings {
  /** Candidates are drawn from what these leave; the best are taken when left out. */
  readonly sampling?: (FilterSettings & { readonly seed: number }) | undefined;
  /** How many texts are given of each prompt, at most as many as beams; 1 when left out. */
  readonly returned?: number | undefined;
  /** Called after every step: the best text of the first prompt, whose first `decided` tokens can no longer change. */
  readonly onBest?: ((written: readonly number[], decided: number) => void) | undefined;
}

export interface BeamTexts {
  /** Prompt and text, best first, the texts of a prompt one after the other; filled up to one length. */
  readonly texts: number[][];
  /** Log-probability / (new tokens ** length penalty), as transformers' sequences_scores. */
  readonly scores: number[];
}

/** A group of beams of one prompt, and the row of the step's scores that each of its running beams has. */
interface Lane {
  readonly prompt: number;
  readonly group: BeamGroup;
  readonly rows: readonly number[];
}

/** Uses the steps up, and rejects, as `writeTokens` does. */
export async function decodeByBeams(
  steps: DecodingSteps,
  prompts: readonly (readonly number[])[],
  options: BeamOptions,
): Promise<BeamTexts> {
  const { maxNewTokens, groups, signal, onBest } = options;
  try {
    checkRoom(steps, prompts, maxNewTokens);
    const score = scoring(prompts, options);
    let lanes: readonly Lane[] = prompts.flatMap((_, prompt) =>
      Array.from({ length: groups }, () => ({ prompt, group: NEW_GROUP, rows: [prompt] })),
    );
    let fresh: readonly number[] = prompts.flat();
    for (let step = 0; ; step += 1) {
      const { head } = await steps.read(fresh, { signal });
      using logits = head!;
      const rows = score(rowsOf(steps.name, logits.toFloats(), steps.batch, options.asked), lanes);
      const moved = moveLanes(lanes, rows, step, options);
      lanes = moved.lanes;
      onBest?.(...bestOf(lanes.filter(({ prompt }) => prompt === 0)));
      if (moved.order.length === 0) return textsOf(prompts, lanes, options);
      steps.reorder(moved.order);
      fresh = lanes.flatMap(({ group }) => group.running.map(({ written }) => written.at(-1)!));
    }
  } finally {
    steps.release();
  }
}

/** Log-probabilities of rows, processed and filtered, in place. */
function scoring(prompts: readonly (readonly number[])[], options: BeamOptions) {
  const { maxNewTokens, endIds, sampling } = options;
  const processors = processorsOf(options, { promptLength: prompts[0]!.length, maxNewTokens, endIds });
  return (rows: readonly Float32Array[], lanes: readonly Lane[]) => {
    // Before the first step groups share their prompt's row.
    const texts = new Map(
      lanes.flatMap(({ prompt, group, rows: own }) =>
        own.map((row, beam) => [row, [...prompts[prompt]!, ...group.running[beam]!.written]] as const),
      ),
    );
    for (const [row, scores] of rows.entries()) {
      toLogProbabilities(scores);
      for (const process of processors) process(scores, texts.get(row)!);
      if (sampling !== undefined) filterScores(scores, sampling, endIds.length + 1);
    }
    return rows;
  };
}

/** @returns order: the row that each running beam of the lanes goes on from */
function moveLanes(lanes: readonly Lane[], rows: readonly Float32Array[], step: number, options: BeamOptions) {
  const rules = { ...options, beams: options.beams / options.groups };
  const order: number[] = [];
  const chosen = new Map<string, number>();
  const moved = lanes.map(({ prompt, group, rows: own }) => {
    if (group.running.length === 0) return { prompt, group, rows: [] };
    const place = { prompt, step, chosen: (token: number) => chosen.get(`${prompt} ${token}`) ?? 0 };
    const candidates = candidatesOf(
      group,
      own.map((row) => rows[row]!),
      candidateCount(rules),
      place,
      options,
    );
    const { origins, ...advanced } = advance(group, candidates, rules);
    if (advanced.running.length + advanced.ended.length === 0) refuseNoToken();
    for (const { written } of [...advanced.running, ...advanced.ended]) {
      const key = `${prompt} ${written.at(-1)}`;
      if (written.length === step + 1) chosen.set(key, (chosen.get(key) ?? 0) + 1);
    }
    const first = order.length;
    order.push(...origins.map((origin) => own[origin]!));
    return { prompt, group: advanced, rows: origins.map((_, beam) => first + beam) };
  });
  return { lanes: moved, order };
}

interface Place {
  readonly prompt: number;
  readonly step: number;
  /** How often groups before this one chose a token at this step. */
  readonly chosen: (token: number) => number;
}

function candidatesOf(
  { running }: BeamGroup,
  rows: readonly Float32Array[],
  count: number,
  { prompt, step, chosen }: Place,
  { sampling, diversity, beams }: BeamOptions,
): RankedCandidate[] {
  const bases = running.map(({ score }) => score);
  const ranked = (candidates: ReturnType<typeof bestCandidates>) =>
    candidates.map((candidate) => ({ ...candidate, rank: candidate.score - diversity * chosen(candidate.token) }));
  if (sampling !== undefined) {
    const number = (draw: number) => drawNumber(sampling.seed, step, prompt * count + draw);
    return ranked(drawCandidates(rows, bases, count, number));
  }
  if (diversity === 0) return ranked(bestCandidates(rows, bases, count));
  // Each token that earlier groups chose may fall back: as many more candidates take its places.
  const most = count + 2 * beams * rows.length;
  return ranked(bestCandidates(rows, bases, most))
    .sort((a, b) => b.rank - a.rank)
    .slice(0, count);
}

/** The text that leads, and how many of its tokens all others share. */
function bestOf(lanes: readonly Lane[]): [written: readonly number[], decided: number] {
  const running = lanes.flatMap(({ group }) => group.running);
  const all = [...running, ...lanes.flatMap(({ group }) => group.ended)];
  const leading = (running.length > 0 ? running : all).reduce((best, one) => (one.score > best.score ? one : best));
  const differs = leading.written.findIndex((token, place) => all.some(({ written }) => written[place] !== token));
  return [leading.written, differs < 0 ? leading.written.length : differs];
}

function textsOf(
  prompts: readonly (readonly number[])[],
  lanes: readonly Lane[],
  { returned = 1, endIds, padId }: BeamOptions,
): BeamTexts {
  const all = prompts.flatMap((prompt, index) =>
    lanes
      .filter((lane) => lane.prompt === index)
      .flatMap(({ group }) => group.ended)
      .sort((a, b) => b.score - a.score)
      .slice(0, returned)
      .map(({ written, score }) => ({ text: [...prompt, ...written], score })),
  );
  const longest = Math.max(...all.map(({ text }) => text.length));
  // Transformers counts a padding id of 0 as none here, unlike elsewhere.
  const fill = padId || (endIds[0] ?? padId);
  return {
    texts: all.map(({ text }) => [...text, ...Array<number>(longest - text.length).fill(fill)]),
    scores: all.map(({ score }) => score),
  };
}
