/** A whole transformer: ours, ONNX Runtime's and PyTorch's, all from one shape and its weights. */
import { join } from 'node:path';
import { Stack, type StackInput } from '../../src/native/stack.ts';
import type { Precision } from '../../src/native/stack-spec.ts';
import { fastest } from '../harness/race.ts';
import { stackSpec } from '../models/stack-spec.ts';
import type { TransformerShape, Weight, Weights } from '../models/transformer.ts';
import { type GraphStyle, writeTransformer } from '../onnx/transformer-graph.ts';
import { type Feeds, floats, integers, ONNX_RUNTIME, openSession } from '../peers/onnx-runtime.ts';
import type { TorchPeer } from '../peers/torch.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrant.ts';

export interface Model {
  readonly shape: TransformerShape;
  readonly weights: Weights;
}

/** Pictures, or the ids of texts of one length. */
export type EncoderInput = { readonly pixels: Weight } | { readonly ids: readonly number[]; readonly batch: number };

/** What is compared and timed: all rows, or what is read off them. */
export async function ourEncoder(model: Model, precision: Precision, input: EncoderInput): Promise<Entrant> {
  const stack = await Stack.build(stackSpec(model.shape, model.weights), { precision });
  const head = model.shape.output.kind !== 'hidden';
  const given: StackInput = 'pixels' in input ? { pixels: input.pixels } : input;
  return localEntrant(
    `weft ${precision}`,
    async () => {
      const result = await stack.run(given, { outputs: { hidden: !head, head } });
      return (head ? result.head : result.hidden)!;
    },
    (made) => made.toFloats(),
    async () => stack.release(),
    (made) => made.release(),
  );
}

/** The fastest of ONNX Runtime's ways. `folder` is where the files are written, one at a time. */
export async function onnxEncoder(
  { shape, weights }: Model,
  precision: 'fp32' | 'int8',
  input: EncoderInput,
  threads: number,
  folder: string,
): Promise<Entrant> {
  const styles: GraphStyle[] =
    precision === 'int8'
      ? [{ attention: 'MultiHeadAttention', int8: true }]
      : [{ attention: 'Attention' }, { attention: 'MultiHeadAttention' }];
  const feeds = feedsOf(input);
  const ways = [];
  for (const style of styles) {
    const path = join(folder, 'encoder.onnx');
    await writeTransformer(path, shape, weights, style);
    const session = await openSession(path, threads);
    ways.push({ style, session, run: () => session.run(feeds) });
  }
  const chosen = await fastest(ways);
  for (const { session } of ways) if (session !== chosen.session) await session.release();
  return localEntrant(
    `${ONNX_RUNTIME} ${precision} (${chosen.style.attention})`,
    chosen.run,
    (made) => made.y!.data as Float32Array,
    () => chosen.session.release(),
  );
}

/** `files` are what TorchPeer.share has made of the weights and of the pixels. */
export async function torchEncoder(
  peer: TorchPeer,
  { shape }: Model,
  precision: Precision,
  input: EncoderInput,
  files: { readonly weights: string; readonly pixels?: string | undefined },
): Promise<Entrant> {
  const name = `${peer.name} ${precision}`;
  const given = 'pixels' in input ? { pixels: files.pixels } : { ids: rowsOf(input) };
  await peer.make(name, 'transformer', { shape, weights: files.weights, precision, ...given });
  return torchEntrant(peer, name);
}

function feedsOf(input: EncoderInput): Feeds {
  if ('pixels' in input) return { pixels: floats(input.pixels.data, input.pixels.shape) };
  const length = input.ids.length / input.batch;
  const sizes = [input.batch, length];
  const places = input.ids.map((_, index) => index % length);
  return { ids: integers(input.ids, sizes), places: integers(places, sizes) };
}

function rowsOf({ ids, batch }: { readonly ids: readonly number[]; readonly batch: number }): number[][] {
  const length = ids.length / batch;
  return Array.from({ length: batch }, (_, item) => ids.slice(item * length, (item + 1) * length));
}
