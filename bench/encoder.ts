/** Whole encoders of published shapes with random weights: CLIP's image encoders and BERT. */
import { capabilities } from '../src/native/capabilities.ts';
import type { Precision } from '../src/native/stack-spec.ts';
import type { Entrant } from './entrants/entrant.ts';
import { type EncoderInput, type Model, onnxEncoder, ourEncoder, torchEncoder } from './entrants/transformer.ts';
import { cosine, mustAgree } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import { arithmeticContender, arithmeticFloor, eightBitFloor } from './harness/floor.ts';
import { race, runsFor } from './harness/race.ts';
import { reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { randomIntegers, randomUniform } from './models/random.ts';
import { BERT_BASE, clipImageEncoder, operationsOf, pictureRows, randomWeights } from './models/transformer.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'encoder';
const CASES = [
  { shape: clipImageEncoder(32), batch: 1, rounds: 9 },
  { shape: clipImageEncoder(32), batch: 8, rounds: 5 },
  { shape: clipImageEncoder(16), batch: 1, rounds: 7 },
  { shape: clipImageEncoder(16), batch: 8, rounds: 3 },
  { shape: BERT_BASE, batch: 1, length: 128, rounds: 9 },
];
const PRECISIONS: Precision[] = ['fp32', 'bf16', 'int8'];
/** How long a turn of ours takes, milliseconds. */
const TURN = 100;

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const torch = await TorchPeer.start(threads);
  if (typeof torch === 'string') reportLeftOut(BENCH, 'PyTorch', torch);
  try {
    for (const { shape, batch, length, rounds } of CASES) {
      const name = `${shape.name}, ${length === undefined ? '' : `${length} tokens, `}batch ${batch}`;
      if (!chosen(name)) continue;
      const model = { shape, weights: randomWeights(shape) };
      await withTemporaryFolder(async (folder) => {
        const entrants = await invite(model, inputOf(model, batch, length), threads, folder, torch);
        await compare(name, model, batch, length, entrants, rounds, threads);
        for (const { release } of entrants) await release();
      });
    }
  } finally {
    if (typeof torch !== 'string') await torch.close();
  }
}

function inputOf({ shape }: Model, batch: number, length = 0): EncoderInput {
  if (shape.embedding.kind === 'tokens') {
    return { ids: randomIntegers(9, batch * length, shape.embedding.vocabulary), batch };
  }
  const sizes = [batch, 3, shape.embedding.picture, shape.embedding.picture];
  return {
    pixels: {
      data: randomUniform(
        9,
        sizes.reduce((product, size) => product * size),
        1.5,
      ),
      shape: sizes,
    },
  };
}

async function invite(
  model: Model,
  input: EncoderInput,
  threads: number,
  folder: string,
  torch: TorchPeer | string,
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const precision of PRECISIONS) entrants.push(await ourEncoder(model, precision, input));
  for (const precision of ['fp32', 'int8'] as const) {
    entrants.push(await onnxEncoder(model, precision, input, threads, folder));
  }
  if (typeof torch === 'string') return entrants;
  const files = {
    weights: await torch.share(model.weights),
    pixels: 'pixels' in input ? await torch.share(new Map([['pixels', input.pixels]])) : undefined,
  };
  for (const precision of PRECISIONS) entrants.push(await torchEncoder(torch, model, precision, input, files));
  return entrants;
}

async function compare(
  name: string,
  { shape }: Model,
  batch: number,
  length: number | undefined,
  entrants: readonly Entrant[],
  rounds: number,
  threads: number,
): Promise<void> {
  const expected = await entrants[0]!.output();
  const closeness = new Map<string, object>();
  for (const entrant of entrants) {
    const received = await entrant.output();
    const exact = entrant.name.includes('fp32');
    if (exact) mustAgree(entrant.name, received, expected);
    closeness.set(entrant.name, exact ? {} : { cosine_to_fp32: cosine(received, expected) });
  }
  const turns = await runsFor(entrants[0]!.output, TURN);
  const contenders = entrants.map((entrant) => ({ name: entrant.name, turn: entrant.turn(turns) }));
  const results = await race([...contenders, arithmeticContender()], { rounds });
  const rows = shape.embedding.kind === 'patches' ? pictureRows(shape.embedding) : length!;
  const operations = operationsOf(shape, batch, rows);
  for (const precision of PRECISIONS) {
    const ours = `weft ${precision}`;
    const floor = precision === 'int8' ? eightBitFloor(results, operations) : arithmeticFloor(results, operations);
    for (const { name: peer } of entrants) {
      const fair =
        peer.includes(precision) || (peer.includes('Runtime') && peer.includes('fp32')) || peer === 'weft fp32';
      if (!fair || peer === ours) continue;
      const more = { threads, ...closeness.get(ours) };
      reportPairing({ bench: BENCH, case: `${name}, ${precision}`, ours, peer, results, floor, more });
    }
  }
}
