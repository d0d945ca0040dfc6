/** Self-attention of projected rows in fp32, of base (12 heads) and large (16 heads) transformers. */
import { capabilities } from '../src/native/capabilities.ts';
import { attentionCase, onnxAttention, ourAttention, torchAttention } from './entrants/attention.ts';
import type { Entrant } from './entrants/entrant.ts';
import { mustAgree } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import { arithmeticContender, arithmeticFloor } from './harness/floor.ts';
import { race, runsFor } from './harness/race.ts';
import { reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'attention';
const HEADS = [12, 16];
const SIZE = 64;
const ROWS = [50, 197, 577, 1024];
const ROUNDS = 15;
/** How long a turn of ours takes, milliseconds. */
const TURN = 20;
/** A call so small that almost all of it is the way to the threads and back. */
const CALL = 'call alone';

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const torch = await TorchPeer.start(threads);
  if (typeof torch === 'string') reportLeftOut(BENCH, 'PyTorch', torch);
  try {
    for (const heads of HEADS) {
      for (const rows of ROWS) {
        const name = `${heads} heads x ${SIZE}, S = ${rows}`;
        if (!chosen(name)) continue;
        const problem = attentionCase(rows, heads, SIZE);
        await withTemporaryFolder(async (folder) => {
          const entrants = [await ourAttention(problem), await onnxAttention(problem, threads, folder)];
          if (typeof torch !== 'string') entrants.push(await torchAttention(torch, problem));
          // Scores and their products with the values.
          await compare(name, entrants, 4 * heads * rows * rows * SIZE, threads);
        });
      }
    }
  } finally {
    if (typeof torch !== 'string') await torch.close();
  }
}

async function compare(name: string, entrants: readonly Entrant[], operations: number, threads: number): Promise<void> {
  const [ours, ...peers] = entrants as [Entrant, ...Entrant[]];
  const expected = await ours.output();
  const errors = new Map<string, number>();
  for (const peer of peers) errors.set(peer.name, mustAgree(peer.name, await peer.output(), expected));
  const runs = await runsFor(ours.output, TURN);
  const call = await ourAttention(attentionCase(1, 1, SIZE));
  const contenders = entrants.map((entrant) => ({ name: entrant.name, turn: entrant.turn(runs) }));
  const all = [...contenders, { name: CALL, turn: call.turn(runs) }, arithmeticContender()];
  const results = await race(all, { rounds: ROUNDS });
  for (const { name: peer } of peers) {
    const more = { threads, call_ms: results.get(CALL)!.median, relative_error: errors.get(peer) };
    const floor = arithmeticFloor(results, operations);
    reportPairing({ bench: BENCH, case: name, ours: ours.name, peer, results, floor, more });
  }
  for (const { release } of [...entrants, call]) await release();
}
