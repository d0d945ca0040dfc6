/** ASIF with 100,000 anchors of 768 + 768 numbers: time of a query, of adding and of removing 1,000 anchors. */
import { capabilities } from '../src/native/capabilities.ts';
import {
  type AsifCase,
  buildIndex,
  ourAsif,
  randomAnchors,
  shareAnchors,
  spacesOf,
  torchAsif,
} from './entrants/asif.ts';
import { mustAgree } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import { arithmeticContender, arithmeticFloor, readingContender, readingFloor } from './harness/floor.ts';
import { median } from './harness/measure.ts';
import { race, runsFor } from './harness/race.ts';
import { reportFigure, reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'asif';
const SHAPE = { anchors: 100_000, width: 768, texts: 100, k: 800, p: 8 };
const PICTURES = [1, 32];
const ROUNDS = 7;
/** How long a turn of ours takes, milliseconds. */
const TURN = 200;
const CHANGED = 1000;
const CHANGES = 3;

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const torch = await TorchPeer.start(threads);
  if (typeof torch === 'string') reportLeftOut(BENCH, 'PyTorch', torch);
  try {
    await withTemporaryFolder(async (folder) => {
      const start = performance.now();
      const changes = await buildIndex(folder, { ...SHAPE, pictures: 1 });
      const built = performance.now() - start;
      if (typeof torch !== 'string') {
        const anchors = await shareAnchors(torch, SHAPE);
        for (const pictures of PICTURES) await compare({ ...SHAPE, pictures }, { folder, anchors, threads, torch });
      }
      const name = `${CHANGED} of ${SHAPE.anchors} anchors added and removed`;
      if (chosen(name)) reportFigure({ bench: BENCH, case: name, build_ms: built, ...(await timeChanges(changes)) });
    });
  } finally {
    if (typeof torch !== 'string') await torch.close();
  }
}

interface Setting {
  /** Of our index. */
  readonly folder: string;
  /** File of the peer's anchors. */
  readonly anchors: string;
  readonly threads: number;
  readonly torch: TorchPeer;
}

async function compare(problem: AsifCase, { folder, anchors: file, threads, torch }: Setting): Promise<void> {
  const { anchors, width, pictures, texts } = problem;
  const name = `${pictures} pictures, ${texts} texts, ${anchors} anchors x ${width}`;
  if (!chosen(name)) return;
  const ours = await ourAsif(problem, folder);
  const peer = await torchAsif(torch, problem, file);
  const error = mustAgree(peer.name, await peer.output(), await ours.output());
  const runs = await runsFor(ours.output, TURN);
  // One picture reads all anchors and does little with each; many are multiplied with them.
  const bytes = anchors * (2 * width + 4);
  using reading = readingContender(bytes);
  const contenders = [ours, peer].map((entrant) => ({ name: entrant.name, turn: entrant.turn(runs) }));
  const results = await race([...contenders, reading, arithmeticContender()], { rounds: ROUNDS });
  const operations = 2 * anchors * width * pictures;
  const floors = [readingFloor(results, bytes), arithmeticFloor(results, operations)];
  const floor = floors.reduce((most, each) => (each.median > most.median ? each : most));
  const more = { threads, relative_error: error };
  reportPairing({ bench: BENCH, case: name, ours: ours.name, peer: peer.name, results, floor, more });
  for (const { release } of [ours, peer]) await release();
}

/** Vectors are given: encoding them is the encoders' time. Removed are anchors spread over all segments, the worst case. */
async function timeChanges(changes: Awaited<ReturnType<typeof buildIndex>>) {
  const times = { add_ms: [] as number[], remove_ms: [] as number[], remove_spread_ms: [] as number[] };
  const clock = async (name: keyof typeof times, work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    times[name].push(performance.now() - start);
  };
  for (let round = 0; round < CHANGES; round += 1) {
    const first = SHAPE.anchors + round * CHANGED;
    const fresh = await arrayOf(first);
    await clock('add_ms', () => changes.add(spacesOf(SHAPE), stream(fresh)));
    await clock('remove_ms', () => changes.remove((id) => Number(id.slice(5)) >= first));
    const step = SHAPE.anchors / CHANGED;
    await clock('remove_spread_ms', () => changes.remove((id) => Number(id.slice(5)) % step === round));
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, Math.round(median(all))]));
}

async function arrayOf(first: number) {
  const anchors = [];
  for await (const anchor of randomAnchors(first, CHANGED, SHAPE.width)) anchors.push(anchor);
  return anchors;
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
