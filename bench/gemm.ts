/** Linear layers of a base transformer at the row counts of one token, CLIP, BERT-like and long inputs. */
import { capabilities } from '../src/native/capabilities.ts';
import type { Precision } from '../src/native/stack-spec.ts';
import type { Entrant } from './entrants/entrant.ts';
import { type LinearCase, linearCase, onnxLinear, ourLinear, torchLinear } from './entrants/linear.ts';
import { mustAgree, relativeError } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import {
  arithmeticContender,
  arithmeticFloor,
  eightBitFloor,
  readingContender,
  readingFloor,
} from './harness/floor.ts';
import { race, runsFor } from './harness/race.ts';
import { reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { ONNX_RUNTIME } from './peers/onnx-runtime.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'gemm';
const SHAPES = [
  { inputs: 768, outputs: 768 },
  { inputs: 768, outputs: 3072 },
  { inputs: 3072, outputs: 768 },
];
const ROWS = [1, 50, 197, 577, 1024];
const PRECISIONS: Precision[] = ['fp32', 'bf16', 'int8'];
const BYTES = { fp32: 4, bf16: 2, int8: 1 };
const ROUNDS = 7;
/** How long a turn of ours takes, milliseconds. */
const TURN = 20;
/** Of the largest number; bf16 keeps 8 bits, int8 7. */
const TOLERANCE = { fp32: 1e-3, bf16: 2e-2, int8: 4e-2 };

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const torch = await TorchPeer.start(threads);
  if (typeof torch === 'string') reportLeftOut(BENCH, 'PyTorch', torch);
  try {
    for (const { inputs, outputs } of SHAPES) {
      for (const rows of ROWS) {
        if (!chosen(nameOf(inputs, outputs, rows))) continue;
        const problem = linearCase(rows, inputs, outputs);
        await withTemporaryFolder(async (folder) => {
          const entrants: Entrant[] = [];
          for (const precision of PRECISIONS) entrants.push(await ourLinear(problem, precision));
          for (const precision of ['fp32', 'int8'] as const) {
            entrants.push(await onnxLinear(problem, precision, threads, folder));
          }
          if (typeof torch !== 'string') {
            for (const precision of PRECISIONS) entrants.push(await torchLinear(torch, problem, precision));
          }
          await compare(problem, threads, entrants);
        });
      }
    }
  } finally {
    if (typeof torch !== 'string') await torch.close();
  }
}

function nameOf(inputs: number, outputs: number, rows: number): string {
  return `${inputs} -> ${outputs}, S = ${rows}`;
}

async function compare({ rows, weight }: LinearCase, threads: number, entrants: readonly Entrant[]): Promise<void> {
  const [outputs, inputs] = weight.shape as [number, number];
  const count = rows.shape[0]!;
  const expected = await entrants[0]!.output();
  const errors = new Map<string, number>();
  for (const { name, output } of entrants) {
    const precision = PRECISIONS.find((each) => name.endsWith(each))!;
    const received = await output();
    mustAgree(name, received, expected, TOLERANCE[precision]);
    errors.set(name, relativeError(received, expected));
  }
  const turns = await runsFor(entrants[0]!.output, TURN);
  using reading = readingContender(4 * outputs * inputs);
  const contenders = entrants.map((entrant) => ({ name: entrant.name, turn: entrant.turn(turns) }));
  const results = await race([...contenders, arithmeticContender(), reading], { rounds: ROUNDS });
  for (const precision of PRECISIONS) {
    const ours = `weft ${precision}`;
    const peers = entrants
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('weft') && (name.endsWith(precision) || name === `${ONNX_RUNTIME} fp32`));
    const floor = floorOf(precision);
    for (const peer of precision === 'fp32' ? peers : [...peers, 'weft fp32']) {
      const more = { threads, relative_error: errors.get(ours), peer_relative_error: errors.get(peer) };
      const name = `${nameOf(inputs, outputs, count)}, ${precision}`;
      reportPairing({ bench: BENCH, case: name, ours, peer, results, floor, more });
    }
  }
  for (const { release } of entrants) await release();

  /** A single row waits for its weights. */
  function floorOf(precision: Precision) {
    if (count === 1) return readingFloor(results, BYTES[precision] * outputs * inputs);
    const operations = 2 * count * inputs * outputs;
    return precision === 'int8' ? eightBitFloor(results, operations) : arithmeticFloor(results, operations);
  }
}
