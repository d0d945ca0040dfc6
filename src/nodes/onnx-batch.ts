/** Runs tensors through an ONNX session, adding the batch axis where the model has one and the tensors have none. */
import type { OnnxPort } from '../models/onnx/message.ts';
import type { OnnxSession } from '../models/onnx/session.ts';
import type { TensorData, TensorValue } from '../protocol/value.ts';

export interface BatchRun {
  readonly input: OnnxPort;
  readonly output: string;
  /** All of one dtype and shape. */
  readonly tensors: readonly TensorValue[];
  readonly signal: AbortSignal;
}

/** Result i belongs to tensor i and keeps its origin. Throws model/bad-input, model/run-failed, run/cancelled. */
export async function runOnBatchAxis(session: OnnxSession, run: BatchRun): Promise<TensorValue[]> {
  const { input, tensors } = run;
  const addsAxis = tensors[0]?.shape.length === input.shape.length - 1;
  const isOpen = typeof input.shape[0] !== 'number' || input.shape[0] === tensors.length;
  if (addsAxis && isOpen && tensors.length > 1 && keepsBatch(session, run)) {
    const results = await runTogether(session, run);
    if (results !== undefined) return results;
  }
  const results: TensorValue[] = [];
  for (const tensor of tensors) results.push(await runAlone(session, run, tensor, addsAxis));
  return results;
}

async function runAlone(session: OnnxSession, run: BatchRun, tensor: TensorValue, addsAxis: boolean) {
  const { dtype, data } = tensor;
  const shape = addsAxis ? [1, ...tensor.shape] : tensor.shape;
  // The tensor may be in the cache and read by others: it is copied to the thread, not moved.
  const result = await feed(session, run, { dtype, shape, data }, false);
  const bare = addsAxis && result.shape[0] === 1 ? { ...result, shape: result.shape.slice(1) } : result;
  return withOrigin(bare, tensor);
}

/**
 * Whether the output's first axis may be the batch, as far as the file tells. An axis of the same length by chance (as
 * many detections as pictures) must not be cut up: where two axes have different names, items run one by one.
 */
function keepsBatch(session: OnnxSession, { input, output }: BatchRun): boolean {
  const port = session.outputs.find(({ name }) => name === output);
  const [given] = input.shape;
  const [made] = port?.shape ?? [];
  if (made === undefined) return false;
  // Where the batch is fixed, only another number tells against it: such a model cannot run one item alone.
  if (typeof given === 'number') return typeof made !== 'number' || made === given;
  return made === null || given === null || made === given;
}

/** Undefined when the output does not have the batch as its first axis. */
async function runTogether(session: OnnxSession, run: BatchRun): Promise<TensorValue[] | undefined> {
  const { tensors } = run;
  const [first] = tensors as readonly [TensorValue];
  const size = first.data.length;
  const Data = first.data.constructor as new (length: number) => TensorData;
  const data = new Data(size * tensors.length);
  tensors.forEach((tensor, index) => {
    // All are of one dtype, so the array types agree.
    (data as Float32Array).set(tensor.data as Float32Array, index * size);
  });
  const shape = [tensors.length, ...first.shape];
  const result = await feed(session, run, { dtype: first.dtype, shape, data }, true);
  if (result.shape[0] !== tensors.length) return undefined;
  const part = result.data.length / tensors.length;
  return tensors.map((tensor, index) => {
    const own = result.data.slice(index * part, (index + 1) * part);
    return withOrigin({ ...result, shape: result.shape.slice(1), data: own }, tensor);
  });
}

async function feed(
  session: OnnxSession,
  { input, output, signal }: BatchRun,
  tensor: Pick<TensorValue, 'dtype' | 'shape' | 'data'>,
  transfer: boolean,
): Promise<TensorValue> {
  const results = await session.run({ [input.name]: tensor }, { transfer, signal, outputs: [output] });
  return results[output]!;
}

function withOrigin(tensor: TensorValue, { origin }: TensorValue): TensorValue {
  return origin === undefined ? tensor : { ...tensor, origin };
}
