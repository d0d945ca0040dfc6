/**
 * GPT-2 small, one token at a time with about 128 cached ones. Every step is the same one: our cache is cropped back, the
 * peers are given the same past again. Everyone reads all weights for each token, so bytes over bandwidth is the floor.
 * Before it whole texts of GPT-2 and TrOCR base, by greedy search and four beams, against transformers.
 */
import { join } from 'node:path';
import type { Tensor as OnnxTensor } from 'onnxruntime-node';
import { capabilities } from '../src/native/capabilities.ts';
import { Stack } from '../src/native/stack.ts';
import type { Precision } from '../src/native/stack-spec.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrants/entrant.ts';
import { measurePublished } from './entrants/published.ts';
import type { Model } from './entrants/transformer.ts';
import { cosine, mustAgree } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import { readingContender, readingFloor } from './harness/floor.ts';
import { race, runsFor } from './harness/race.ts';
import { reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { WRITERS } from './models/published.ts';
import { randomIntegers } from './models/random.ts';
import { stackSpec } from './models/stack-spec.ts';
import { bytesPerToken, GPT2_SMALL, randomWeights } from './models/transformer.ts';
import { writeTransformer } from './onnx/transformer-graph.ts';
import { floats, integers, ONNX_RUNTIME, openSession } from './peers/onnx-runtime.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'decode';
const CONTEXT = 128;
const PRECISIONS: Precision[] = ['fp32', 'bf16', 'int8'];
const BYTES = { fp32: 4, bf16: 2, int8: 1 };
const ROUNDS = 9;
/** How long a turn of ours takes, milliseconds. */
const TURN = 150;

export async function run(): Promise<void> {
  const { threads } = capabilities();
  const torch = await TorchPeer.start(threads);
  if (typeof torch === 'string') reportLeftOut(BENCH, 'PyTorch', torch);
  try {
    if (typeof torch !== 'string') await writers(torch, threads);
    const model = { shape: GPT2_SMALL, weights: randomWeights(GPT2_SMALL) };
    const ids = randomIntegers(11, CONTEXT + 1, 50257);
    await withTemporaryFolder(async (folder) => {
      const entrants: Entrant[] = [];
      for (const precision of PRECISIONS) entrants.push(await ourDecoder(model, precision, ids));
      for (const precision of ['fp32', 'int8'] as const) {
        entrants.push(await onnxDecoder(model, precision, ids, threads, folder));
      }
      if (typeof torch !== 'string') {
        const weights = await torch.share(model.weights);
        for (const precision of PRECISIONS) entrants.push(await torchDecoder(torch, precision, ids, weights));
      }
      await compare(entrants, threads);
    });
  } finally {
    if (typeof torch !== 'string') await torch.close();
  }
}

/** Whole texts of published models by `decode`, greedily and by beams, against transformers' generate. */
async function writers(torch: TorchPeer, threads: number): Promise<void> {
  for (const model of WRITERS) {
    if (!chosen(model.name)) continue;
    try {
      await withTemporaryFolder((folder) => measurePublished(BENCH, model, { folder, torch, threads }));
    } catch (thrown) {
      // The others can still be measured; a bench of which a part is void says so and fails.
      reportLeftOut(BENCH, model.name, thrown instanceof Error ? thrown.message : String(thrown));
      process.exitCode = 1;
    }
    await torch.drop('theirs');
  }
}

async function ourDecoder({ shape, weights }: Model, precision: Precision, ids: readonly number[]): Promise<Entrant> {
  const stack = await Stack.build(stackSpec(shape, weights), { precision });
  const cache = stack.newCache();
  const outputs = { hidden: false };
  const { head } = await stack.run({ ids: ids.slice(0, CONTEXT) }, { cache, outputs });
  head?.release();
  const next = { ids: ids.slice(CONTEXT) };
  return localEntrant(
    `weft ${precision}`,
    async () => {
      const made = (await stack.run(next, { cache, outputs })).head!;
      cache.crop(CONTEXT);
      return made;
    },
    (made) => made.toFloats(),
    async () => {
      cache.release();
      stack.release();
    },
    (made) => made.release(),
  );
}

async function onnxDecoder(
  { shape, weights }: Model,
  precision: 'fp32' | 'int8',
  ids: readonly number[],
  threads: number,
  folder: string,
): Promise<Entrant> {
  const path = join(folder, 'decoder.onnx');
  await writeTransformer(path, shape, weights, {
    attention: 'MultiHeadAttention',
    past: true,
    int8: precision === 'int8',
  });
  const session = await openSession(path, threads);
  const past = (of: (name: string) => OnnxTensor) =>
    Object.fromEntries(
      Array.from({ length: shape.layers }, (_, layer) => layer).flatMap((layer) =>
        ['key', 'value'].map((kind) => [`past_${layer}_${kind}`, of(`present_${layer}_${kind}`)]),
      ),
    );
  const none = floats(new Float32Array(), [1, shape.heads, 0, shape.width / shape.heads]);
  const before = await session.run({
    ids: integers(ids.slice(0, CONTEXT), [1, CONTEXT]),
    places: integers([...ids.keys()].slice(0, CONTEXT), [1, CONTEXT]),
    ...past(() => none),
  });
  const feeds = {
    ids: integers(ids.slice(CONTEXT), [1, 1]),
    places: integers([CONTEXT], [1, 1]),
    ...past((name) => before[name] as OnnxTensor),
  };
  return localEntrant(
    `${ONNX_RUNTIME} ${precision}`,
    () => session.run(feeds),
    (made) => made.y!.data as Float32Array,
    () => session.release(),
  );
}

async function torchDecoder(
  peer: TorchPeer,
  precision: Precision,
  ids: readonly number[],
  weights: string,
): Promise<Entrant> {
  const name = `${peer.name} ${precision}`;
  await peer.make(name, 'transformer', {
    shape: GPT2_SMALL,
    weights,
    precision,
    before: [ids.slice(0, CONTEXT)],
    ids: [ids.slice(CONTEXT)],
  });
  return torchEntrant(peer, name);
}

async function compare(entrants: readonly Entrant[], threads: number): Promise<void> {
  const expected = await entrants[0]!.output();
  const closeness = new Map<string, number>();
  for (const entrant of entrants) {
    const received = await entrant.output();
    if (entrant.name.includes('fp32')) mustAgree(entrant.name, received, expected);
    closeness.set(entrant.name, cosine(received, expected));
  }
  const runs = await runsFor(entrants[0]!.output, TURN);
  const contenders = entrants.map((entrant) => ({ name: entrant.name, turn: entrant.turn(runs) }));
  using reading = readingContender(bytesPerToken(GPT2_SMALL, 4));
  const results = await race([...contenders, reading], { rounds: ROUNDS });
  for (const precision of PRECISIONS) {
    const ours = `weft ${precision}`;
    const bytes = bytesPerToken(GPT2_SMALL, BYTES[precision]);
    const { median } = results.get(ours)!;
    const more = {
      threads,
      tokens_per_second: Math.round(10_000 / median) / 10,
      bytes_per_token: bytes,
      cosine_to_fp32: closeness.get(ours),
    };
    for (const { name: peer } of entrants) {
      const exact = peer.includes('Runtime') && peer.includes('fp32');
      if (peer === ours || !(peer.includes(precision) || exact || peer === 'weft fp32')) continue;
      const floor = readingFloor(results, bytes);
      reportPairing({
        bench: BENCH,
        case: `${GPT2_SMALL.name}, context ${CONTEXT}, ${precision}`,
        ours,
        peer,
        results,
        floor,
        more,
      });
    }
  }
  for (const { release } of entrants) await release();
}
