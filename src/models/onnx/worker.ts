/**
 * The thread that ONNX Runtime lives in: loads sessions, runs them, sends results back by moving their buffers.
 * The only importer of onnxruntime-node. Must not be imported: it is started as a thread (see worker-thread.ts).
 */
import { statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { WeftError } from '../../errors.ts';
import type { TensorData } from '../../protocol/value.ts';
import { fileState } from '../file-state.ts';
import { halfToFloat } from '../half-float.ts';
import { checkOnnxFile } from './check-file.ts';
import { dtypeOfElement, fromElement, isElementType, toElement } from './element-type.ts';
import type {
  ExternalFile,
  OnnxMetadata,
  OnnxPort,
  OnnxReply,
  OnnxRequest,
  ThreadData,
  WireFeed,
  WireTensor,
} from './message.ts';
import { postMoving } from './post-moving.ts';

interface Loaded {
  readonly session: InferenceSession;
  readonly metadata: OnnxMetadata;
  readonly external: readonly ExternalFile[];
}

// Only errors, and those come back as exceptions: ONNX Runtime's own lines on stderr help nobody.
env.logLevel = 'fatal';
// On Linux a priority belongs to the thread (and to those it starts): the event loop goes first. Elsewhere it would
// slow the whole process, so it is left alone there.
if (process.platform === 'linux') {
  try {
    setPriority(0, 5);
  } catch {
    // A sandbox may forbid it: then the thread competes as it is.
  }
}

const sessions = new Map<number, Loaded>();

async function answer(request: Exclude<OnnxRequest, { kind: 'close' }>): Promise<OnnxReply> {
  switch (request.kind) {
    case 'load': {
      const loaded = await load(request);
      sessions.set(request.session, loaded);
      return { kind: 'loaded', metadata: loaded.metadata, external: loaded.external };
    }
    case 'run':
      return { kind: 'outputs', outputs: await run(request) };
    case 'release':
      await sessions.get(request.session)?.session.release();
      sessions.delete(request.session);
      return { kind: 'released' };
  }
}

async function load({ path, model, settings }: Extract<OnnxRequest, { kind: 'load' }>): Promise<Loaded> {
  // Before they are read: what changes meanwhile must count as changed afterwards.
  const external = checkOnnxFile(path).externalFiles.map((file) => {
    return { path: file, state: fileState(statSync(file, { bigint: true })) };
  });
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: settings.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: settings.optimization,
      logSeverityLevel: 4,
      // Waiting threads sleep: spinning ones take the cores that other sessions and the event loop need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (thrown) {
    throw new WeftError('model/bad-onnx', { path: model, reason: reasonOf(thrown) });
  }
  return { session, metadata: metadataOf(session, model), external };
}

function metadataOf(session: InferenceSession, model: string): OnnxMetadata {
  const inputs = session.inputMetadata.map((input) => {
    const port = portOf(input);
    if (port !== undefined) return port;
    throw new WeftError('model/unsupported', {
      model,
      expected: 'number tensors as inputs',
      received: `${input.isTensor ? input.type : 'a value that is no tensor'} at input "${input.name}"`,
    });
  });
  // An output that cannot be carried (strings, maps) is left out: the others may be all that is wanted.
  const outputs = session.outputMetadata.map(portOf).filter((port) => port !== undefined);
  return { inputs, outputs };
}

function portOf(value: InferenceSession.ValueMetadata): OnnxPort | undefined {
  if (!value.isTensor || !isElementType(value.type)) return undefined;
  const shape = value.shape.map((dim) => (dim === '' ? null : dim));
  return { name: value.name, dtype: dtypeOfElement(value.type)!, element: value.type, shape };
}

async function run({ session: id, model, feeds, outputs, widened, returned }: Extract<OnnxRequest, { kind: 'run' }>) {
  const { session, metadata } = sessions.get(id)!;
  const taken = feeds.map((feed) => ({ name: feed.name, dtype: feed.dtype, ...takeRows(feed) }));
  const inputs = Object.fromEntries(
    taken.map(({ name, data: given, shape }) => {
      const { element } = metadata.inputs.find((port) => port.name === name)!;
      const data = bitsFor(element, toElement(given, element, { model, input: name }));
      return [name, new Tensor(element as 'float32', data as Float32Array, shape)];
    }),
  );
  let results: InferenceSession.OnnxValueMapType;
  try {
    results = await session.run(inputs, outputs);
  } catch (thrown) {
    throw new WeftError('model/run-failed', { model, reason: reasonOf(thrown) });
  }
  const given = taken.filter(({ name }) => returned.includes(name));
  const computed = outputs.map((name): WireTensor => {
    const port = metadata.outputs.find((output) => output.name === name)!;
    const tensor = results[name] as Tensor;
    const data = fromElement(tensor.data as Float32Array, port.element);
    const shape = [...tensor.dims];
    if (port.dtype === 'float16' && widened.includes(name)) {
      return { name, dtype: 'float32', shape, data: Float32Array.from(data as Uint16Array, halfToFloat) };
    }
    return { name, dtype: port.dtype, shape, data };
  });
  return [...computed, ...given];
}

/** The rows that are asked for, or the tensor as it is. */
function takeRows({ data, shape, rows }: WireFeed): { readonly data: TensorData; readonly shape: number[] } {
  const [length = 0, ...rest] = shape;
  if (rows === undefined || (rows.length === length && rows.every((row, index) => row === index))) {
    return { data, shape: [...shape] };
  }
  const size = rest.reduce((product, side) => product * side, 1);
  const Data = data.constructor as new (length: number) => TensorData;
  const taken = new Data(size * rows.length);
  for (const [index, row] of rows.entries())
    taken.set(data.subarray(row * size, (row + 1) * size) as never, index * size);
  return { data: taken, shape: [rows.length, ...rest] };
}

/** Engines with a Float16Array want one for float16; elsewhere ONNX Runtime takes the bits. */
function bitsFor(element: string, data: ArrayBufferView): ArrayBufferView {
  const Float16 = (globalThis as { Float16Array?: new (b: ArrayBufferLike, o: number, n: number) => ArrayBufferView })
    .Float16Array;
  if (element !== 'float16' || Float16 === undefined) return data;
  return new Float16(data.buffer, data.byteOffset, data.byteLength / 2);
}

/** ONNX Runtime's words without the path it puts before them. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message
    .replace(/^Load model from .*? failed: ?/s, '')
    .trim()
    .slice(0, 500)
    .replace(/\.$/, '');
}

async function receive(port: MessagePort, request: OnnxRequest): Promise<void> {
  if (request.kind === 'close') {
    for (const { session } of sessions.values()) await session.release();
    port.close();
    return;
  }
  let reply: OnnxReply;
  try {
    reply = await answer(request);
  } catch (thrown) {
    // Anything else than our own error is a defect here: let the thread end, the pool tells it and starts another.
    if (!(thrown instanceof WeftError)) throw thrown;
    reply = { kind: 'failed', code: thrown.code, details: thrown.details };
  }
  // Before the reply: once that has arrived, the main thread may set it again for the next request.
  const { busy } = workerData as ThreadData;
  Atomics.store(busy, 0, 0);
  Atomics.notify(busy, 0);
  postMoving(port, reply, reply.kind === 'outputs' ? reply.outputs.map(({ data }) => data) : []);
}

const port = parentPort;
if (port === null) throw new Error('this module runs as a worker thread only');
port.on('message', (request: OnnxRequest) => void receive(port, request));
