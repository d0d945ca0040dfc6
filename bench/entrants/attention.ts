/** Attention of projected rows, [1, S, heads * size]: ours, ONNX Runtime's and PyTorch's. */
import { join } from 'node:path';
import { attention } from '../../src/native/attention.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { fastest } from '../harness/race.ts';
import { randomUniform } from '../models/random.ts';
import type { Weight } from '../models/transformer.ts';
import { ATTENTION_WAYS, type AttentionSizes, writeAttention } from '../onnx/attention-graph.ts';
import { floats, ONNX_RUNTIME, openSession } from '../peers/onnx-runtime.ts';
import type { TorchPeer } from '../peers/torch.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrant.ts';

export interface AttentionCase extends AttentionSizes {
  readonly query: Weight;
  readonly key: Weight;
  readonly value: Weight;
}

/** Scores of about one standard deviation of two: neither uniform nor one key alone. */
export function attentionCase(rows: number, heads: number, size: number): AttentionCase {
  const shape = [1, rows, heads * size];
  const made = (seed: number, most: number): Weight => ({
    data: randomUniform(seed, rows * heads * size, most),
    shape,
  });
  return { heads, size, query: made(41, 2.5), key: made(42, 2.5), value: made(43, 1) };
}

export async function ourAttention({ heads, query, key, value }: AttentionCase): Promise<Entrant> {
  const [q, k, v] = [query, key, value].map(({ data, shape }) => Tensor.from(data, shape));
  return localEntrant(
    'weft',
    () => attention(q!, k!, v!, { heads }),
    (made) => made.toFloats(),
    async () => {
      for (const tensor of [q, k, v]) tensor!.release();
    },
    (made) => made.release(),
  );
}

/** The fastest of ONNX Runtime's ways. `folder` is where the files are written. */
export async function onnxAttention(problem: AttentionCase, threads: number, folder: string): Promise<Entrant> {
  const feeds = Object.fromEntries(
    (['query', 'key', 'value'] as const).map((name) => [name, floats(problem[name].data, problem[name].shape)]),
  );
  const ways = [];
  for (const way of ATTENTION_WAYS) {
    const path = join(folder, `${way}.onnx`);
    await writeAttention(path, problem, way);
    const session = await openSession(path, threads);
    ways.push({ way, session, run: () => session.run(feeds) });
  }
  const chosen = await fastest(ways);
  for (const { session } of ways) if (session !== chosen.session) await session.release();
  return localEntrant(
    `${ONNX_RUNTIME} (${chosen.way})`,
    chosen.run,
    (made) => made.y!.data as Float32Array,
    () => chosen.session.release(),
  );
}

export async function torchAttention(peer: TorchPeer, { heads, query, key, value }: AttentionCase): Promise<Entrant> {
  const arrays = await peer.share(new Map(Object.entries({ query, key, value })));
  await peer.make(peer.name, 'attention', { arrays, heads });
  return torchEntrant(peer, peer.name);
}
