/**
 * MaGiC at full shapes (GPT-2 124M, CLIP ViT-B/32's text tower, their real tokenizers, random weights; k 45, 15 steps): our fast
 * path, our `reference` and the published procedure in PyTorch, seconds per caption, where the time goes, and the floor.
 * The shared tokenizers must lie beside the repository.
 */
import { capabilities } from '../src/native/capabilities.ts';
import {
  arithmeticContender,
  arithmeticFloor,
  eightBitFloor,
  type Floor,
  readingContender,
  readingFloor,
} from './harness/floor.ts';
import { type Contender, type Results, race, turnOf } from './harness/race.ts';
import { reportFigure, reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { ALPHA, BETA, CANDIDATES, type Caption, Captioner, leastMargin, STEPS } from './magic/captioner.ts';
import { CLIP_END, GPT2_END, writeComparison, writeLanguage } from './magic/folders.ts';
import { fastOperations, languageBytes, publishedOperations } from './magic/operations.ts';
import { randomUniform } from './models/random.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'magic';
const CASE = `${CANDIDATES} candidates, ${STEPS} steps`;
const ROUNDS = 3;
const LEAST_MARGIN = 1e-3;
/** Pictures are tried until every step of the caption is decided by more than that. */
const PICTURES = 40;
const PUBLISHED = 'published, PyTorch';
const REFERENCE = 'weft reference fp32';
const GOALS = { fp32: '>= 4 x, >= 0.7 of the floor', int8: '>= 9 x' };

export async function run(): Promise<void> {
  const { threads } = capabilities();
  await withTemporaryFolder(async (place) => {
    const folders = { language: await writeLanguage(place), comparison: await writeComparison(place) };
    const captioners = {
      fp32: await Captioner.open(folders, 'fp32'),
      int8: await Captioner.open(folders, 'int8'),
    };
    const torch = await TorchPeer.start(threads);
    try {
      await compare(folders, captioners, torch, threads);
    } finally {
      if (typeof torch !== 'string') await torch.close();
      for (const one of Object.values(captioners)) one.release();
    }
  });
}

/** @param torch the peer, or why there is none */
async function compare(
  folders: { readonly language: string; readonly comparison: string },
  captioners: { readonly fp32: Captioner; readonly int8: Captioner },
  torch: TorchPeer | string,
  threads: number,
): Promise<void> {
  const { picture, caption, margin } = await decidedPicture(captioners.fp32);
  const reference = await captioners.fp32.write(picture, 'reference');
  mustBeSame(REFERENCE, reference.tokens, caption.tokens);
  if (typeof torch === 'string') reportLeftOut(BENCH, PUBLISHED, torch);
  else {
    await torch.make(PUBLISHED, 'magic', {
      ...folders,
      ...{ pad: CLIP_END, prompt: [GPT2_END], k: CANDIDATES, alpha: ALPHA, beta: BETA, steps: STEPS },
      picture: Array.from(picture),
    });
    mustBeSame(PUBLISHED, [...(await torch.output(PUBLISHED))], caption.tokens);
  }
  using reading = readingContender(languageBytes('fp32'));
  const contenders: Contender[] = [
    { name: 'weft fp32', turn: turnOf(() => captioners.fp32.write(picture, 'fast'), 2) },
    { name: 'weft int8', turn: turnOf(() => captioners.int8.write(picture, 'fast'), 3) },
    { name: REFERENCE, turn: turnOf(() => captioners.fp32.write(picture, 'reference'), 1) },
    ...(typeof torch === 'string' ? [] : [{ name: PUBLISHED, turn: torch.turn(PUBLISHED, 1) }]),
    arithmeticContender(),
    reading,
  ];
  const results = await race(contenders, { rounds: ROUNDS });
  for (const precision of ['fp32', 'int8'] as const) {
    const ours = precision === 'fp32' ? caption : await captioners.int8.write(picture, 'fast');
    const floors = floorsOf(ours, precision, results);
    const name = `weft ${precision}`;
    for (const peer of [...(results.has(PUBLISHED) ? [PUBLISHED] : []), REFERENCE]) {
      const more = {
        ...{ threads, least_margin: precision === 'fp32' ? margin : undefined, goal: GOALS[precision] },
        tokens_as_fp32: ours.tokens.filter((token, step) => token === caption.tokens[step]).length,
        compared: ours.steps.flatMap(({ penalties }) => penalties).filter((penalty) => penalty !== null).length,
      };
      reportPairing({ bench: BENCH, case: CASE, ours: name, peer, results, floor: floors?.whole, more });
    }
    await reportParts(captioners[precision], precision, picture, floors);
  }
  reportPublished(reference, results);
}

/** A picture for which rounding decides no step. */
async function decidedPicture(captioner: Captioner) {
  let best: { picture: Float32Array; caption: Caption; margin: number } | undefined;
  for (let seed = 1; seed <= PICTURES; seed += 1) {
    const picture = randomUniform(seed, 512, 1);
    const caption = await captioner.write(picture, 'fast');
    const margin = leastMargin(caption.steps);
    if (margin >= LEAST_MARGIN) return { picture, caption, margin };
    if (best === undefined || margin > best.margin) best = { picture, caption, margin };
  }
  throw new Error(`no picture of ${PICTURES} decides every step by ${LEAST_MARGIN}, at most by ${best?.margin}`);
}

function mustBeSame(name: string, received: readonly number[], expected: readonly number[]): void {
  if (received.join() !== expected.join()) throw new Error(`${name} chose ${received}, ours ${expected}`);
}

interface Floors {
  readonly language: Floor;
  readonly texts: Floor;
  readonly whole: Floor;
}

/** Each read of the language model's weights, or its operations, whichever takes longer; then CLIP's operations. */
function floorsOf(caption: Caption, precision: 'fp32' | 'int8', results: Results): Floors | undefined {
  const compute = precision === 'fp32' ? arithmeticFloor : eightBitFloor;
  const { rows, texts } = fastOperations(caption);
  const [perRow, ofTexts] = [compute(results, rows.each), compute(results, texts)];
  if (perRow === undefined || ofTexts === undefined) return undefined;
  const layers = readingFloor(results, languageBytes(precision, 'layers'));
  const table = readingFloor(results, languageBytes(precision, 'head'));
  const sum = (kind: 'median' | 'best') =>
    rows.counts.reduce((total, count) => total + Math.max(layers[kind], count * perRow[kind]) + table[kind], 0);
  const language = {
    median: sum('median'),
    best: sum('best'),
    of: 'weights once a step, or the rows of its candidates',
  };
  return {
    language,
    texts: ofTexts,
    whole: {
      median: language.median + ofTexts.median,
      best: language.best + ofTexts.best,
      of: `GPT-2: ${language.of}; CLIP: ${ofTexts.of}`,
    },
  };
}

async function reportParts(
  captioner: Captioner,
  precision: 'fp32' | 'int8',
  picture: Float32Array,
  floors: Floors | undefined,
): Promise<void> {
  const start = performance.now();
  const { language, texts, textRows, steps } = await captioner.write(picture, 'fast');
  const whole = performance.now() - start;
  reportFigure({
    bench: BENCH,
    case: `milliseconds per step, ${precision}`,
    language: round(language / STEPS),
    language_floor: floors && round(floors.language.median / STEPS),
    texts: round(texts / STEPS),
    texts_floor: floors && round(floors.texts.median / STEPS),
    rest: round((whole - language - texts) / STEPS),
    text_rows: round(textRows / STEPS),
    language_rows: steps.map(({ penalties }) => penalties.filter((penalty) => penalty !== null).length),
  });
}

function reportPublished(reference: Caption, results: Results): void {
  const peer = results.get(PUBLISHED);
  if (peer === undefined) return;
  const operations = publishedOperations(reference);
  const rate = (milliseconds: number) => round(operations / 1e6 / milliseconds);
  reportFigure({
    bench: BENCH,
    case: 'what the published procedure reaches',
    gigaflop: round(operations / 1e9),
    gigaflop_per_second: rate(peer.median),
    best_gigaflop_per_second: rate(peer.best),
  });
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
