/**
 * Refuses an ONNX file before ONNX Runtime sees it: one that is no ONNX model, and one whose external data lies outside
 * its own folder (absolute, through `..`, or through a symbolic link).
 * Synchronous: runs in the ONNX thread. Reads structure only, never weights.
 * Source: onnx.proto (field numbers), ONNX external data specification.
 */
import { closeSync, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { WeftError } from '../../errors.ts';
import { ProtobufError, ProtobufReader } from './protobuf.ts';

/** protobuf's own limit for one message. */
const FILE_LIMIT = 2 ** 31 - 1;
const DEPTH_LIMIT = 64;
/** A scan of this many takes seconds; the largest published models have under a million. */
const FIELD_LIMIT = 20_000_000;
const TEXT_LIMIT = 4096;

interface Message {
  readonly name: string;
  /** Fields that are messages and may hold tensors. */
  readonly children: Readonly<Record<number, Message>>;
}

// onnx.proto, only the paths that lead to a TensorProto; recursion goes through `attribute`.
const entry: Message = { name: 'StringStringEntryProto', children: {} };
const tensor: Message = { name: 'TensorProto', children: { 13: entry } };
const sparseTensor: Message = { name: 'SparseTensorProto', children: { 1: tensor, 2: tensor } };
const attributeChildren: Record<number, Message> = {};
const attribute: Message = { name: 'AttributeProto', children: attributeChildren };
const node: Message = { name: 'NodeProto', children: { 5: attribute } };
const graph: Message = { name: 'GraphProto', children: { 1: node, 5: tensor, 15: sparseTensor } };
Object.assign(attributeChildren, { 5: tensor, 6: graph, 10: tensor, 11: graph, 22: sparseTensor, 23: sparseTensor });
const functionMessage: Message = { name: 'FunctionProto', children: { 7: node, 11: attribute } };
const training: Message = { name: 'TrainingInfoProto', children: { 1: graph, 2: graph } };
const model: Message = { name: 'ModelProto', children: { 7: graph, 20: training, 25: functionMessage } };

/** Where the model keeps weights beside itself, as real paths. Empty for a model in one file. */
export interface OnnxFileFacts {
  readonly externalFiles: readonly string[];
}

/** Throws `model/bad-onnx` or `model/onnx-outside-folder`; messages name files, never folders of this machine. */
export function checkOnnxFile(path: string): OnnxFileFacts {
  const shown = basename(path);
  const bad = (reason: string): WeftError => new WeftError('model/bad-onnx', { path: shown, reason });
  const descriptor = openFile(path, bad);
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) throw bad('it is not a regular file');
    if (facts.size === 0) throw bad('it is empty');
    if (facts.size > FILE_LIMIT) throw bad('it is larger than 2 GiB; keep its weights in external data');
    const scan = new Scan(new ProtobufReader(descriptor, facts.size));
    scan.run();
    const externalFiles = [...scan.locations].map((location) => resolveExternal(path, location, bad));
    return { externalFiles };
  } catch (thrown) {
    if (thrown instanceof ProtobufError) throw bad(`it is no ONNX file (${thrown.message})`);
    throw thrown;
  } finally {
    closeSync(descriptor);
  }
}

class Scan {
  readonly locations = new Set<string>();
  readonly #reader: ProtobufReader;
  #fields = 0;
  #hasGraph = false;
  #version = 0;

  constructor(reader: ProtobufReader) {
    this.#reader = reader;
  }

  run(): void {
    this.#message(model, this.#reader.size, 0);
    if (this.#version < 1) throw new ProtobufError('it names no IR version');
    if (!this.#hasGraph) throw new ProtobufError('it holds no graph');
  }

  #message(type: Message, end: number, depth: number): void {
    if (depth > DEPTH_LIMIT) throw new ProtobufError(`it nests deeper than ${DEPTH_LIMIT}`);
    while (this.#reader.position < end) {
      if (++this.#fields > FIELD_LIMIT) throw new ProtobufError(`it has more than ${FIELD_LIMIT} fields`);
      const field = this.#reader.field(end);
      if (type === model && field.number === 1) this.#version = field.value;
      if (type === model && field.number === 7) this.#hasGraph = true;
      const child = type.children[field.number];
      if (child !== undefined && field.wire !== 2) {
        throw new ProtobufError(`field ${field.number} of ${type.name} is not a message`);
      }
      if (field.wire !== 2) continue;
      const contentEnd = this.#reader.position + field.value;
      if (child === entry) this.#externalData(contentEnd);
      else if (child !== undefined) this.#message(child, contentEnd, depth + 1);
      this.#reader.position = contentEnd;
    }
  }

  /** One key and value; as in protobuf, the last of each counts. */
  #externalData(end: number): void {
    let key = '';
    let value = '';
    while (this.#reader.position < end) {
      this.#fields++;
      const field = this.#reader.field(end);
      if (field.wire !== 2) continue;
      const contentEnd = this.#reader.position + field.value;
      if (field.number === 1) key = this.#reader.text(field.value, TEXT_LIMIT);
      if (field.number === 2) value = this.#reader.text(field.value, TEXT_LIMIT);
      this.#reader.position = contentEnd;
    }
    if (key === 'location') this.locations.add(value);
  }
}

function openFile(path: string, bad: (reason: string) => WeftError): number {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    throw bad(`it cannot be opened (${(thrown as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
}

function resolveExternal(path: string, location: string, bad: (reason: string) => WeftError): string {
  const shown = basename(path);
  const outside = new WeftError('model/onnx-outside-folder', { path: shown, target: location });
  const parts = location.split(/[/\\]/);
  if (location === '' || location.includes('\0')) throw bad('it names external data without a file');
  // ONNX Runtime reads its own marker as an address in memory: never from a file.
  if (parts[0] === '' || /^[A-Za-z]:/.test(location) || parts.includes('..') || location.includes('_ORT_MEM_ADDR_')) {
    throw outside;
  }
  const folder = dirname(resolve(path));
  let real: string;
  try {
    real = realpathSync(join(folder, ...parts));
  } catch {
    throw bad(`its external data "${location}" is missing`);
  }
  if (!allowedFolders(folder).some((allowed) => real.startsWith(allowed + sep))) throw outside;
  if (!statSync(real).isFile()) throw bad(`its external data "${location}" is not a regular file`);
  return real;
}

/** The model's own folder; and, for a model in the hub's cache, the blobs its snapshot is made of. */
function allowedFolders(folder: string): string[] {
  const real = realpathSync(folder);
  const parts = real.split(sep);
  const snapshots = parts.lastIndexOf('snapshots');
  if (snapshots < 1 || !parts[snapshots - 1]!.startsWith('models--')) return [real];
  return [real, [...parts.slice(0, snapshots), 'blobs'].join(sep)];
}
