/**
 * Content signatures: equal when the result must be equal. Pure; no node: imports.
 * Titles, layout, groups, node ids and the graph's name never count; everything that is computed does.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Graph } from '../protocol/graph-file.ts';
import type { ParamValue } from '../protocol/param.ts';
import type { NodeLookup } from './lookup.ts';
import { neededNodes, orderGraph } from './order.ts';
import { own } from './own.ts';
import { fillParams } from './params.ts';

const ENCODER = new TextEncoder();
const HEX_DIGITS = ENCODER.encode('0123456789abcdef');

/** SHA-256 of a text in UTF-8, as 64 hex digits. Where the platform has a faster one, callers may hand it in. */
export type HashText = (text: string) => string;

export function hashText(text: string): string {
  const digest = sha256(ENCODER.encode(text));
  const digits = new Uint8Array(2 * digest.length);
  for (let index = 0; index < digest.length; index++) {
    digits[2 * index] = HEX_DIGITS[digest[index]! >> 4]!;
    digits[2 * index + 1] = HEX_DIGITS[digest[index]! & 15]!;
  }
  // One flat string: signatures are kept by the thousand, and a string joined digit by digit takes 32 times its size.
  return String.fromCharCode(...digits);
}

export interface NodeIdentity {
  readonly type: string;
  readonly version: number;
  /** Defaults filled in: leaving a parameter out and giving its default are the same. */
  readonly params: Readonly<Record<string, ParamValue>>;
  /** What outside the graph counts: file contents, model hashes. */
  readonly fingerprint?: string | undefined;
}

/** The part of a signature that all items of a node share; text, to be hashed with the inputs. */
export function nodePrefix({ type, version, params, fingerprint }: NodeIdentity): string {
  const sorted = Object.keys(params)
    .sort()
    .map((name) => [name, params[name]]);
  return JSON.stringify([type, version, sorted, fingerprint ?? null]);
}

/** Signature of one call: `inputs` are [socket, signature of the source's call, source output], in any order. */
export function signCall(
  prefix: string,
  inputs: readonly (readonly [string, string, string])[],
  hash: HashText = hashText,
): string {
  if (inputs.length === 0) return hash(prefix);
  const parts = inputs.map(([socket, signature, output]) => `\n${socket}\t${signature}\t${output}`);
  return hash(prefix + (parts.length > 1 ? parts.sort().join('') : parts[0]!));
}

/** Signature of a complete list, for an input that takes it whole. */
export function signList(signatures: readonly string[], hash: HashText = hashText): string {
  return hash(`list\n${signatures.join('\n')}`);
}

/** Signature of an item that a node emits; its key counts, because results carry names. */
export function signItem(prefix: string, key: string, fingerprint: string, hash: HashText = hashText): string {
  return hash(`${prefix}\nitem\t${JSON.stringify([key, fingerprint])}`);
}

/** Signature of a whole graph, files' contents aside: of its outputs with their names, and of its sinks. */
export function signGraph(graph: Graph, lookup: NodeLookup): string {
  const outputs = Object.entries(graph.outputs ?? {});
  const sinks = Object.keys(graph.nodes).filter((id) => lookup.node(graph.nodes[id]!.type)?.sink === true);
  const needed = neededNodes(graph, [...outputs.map(([, [node]]) => node), ...sinks]);
  const signatures = new Map<string, string>();
  for (const id of orderGraph(graph).order) {
    if (!needed.has(id)) continue;
    const { type, params: given, in: links = {} } = graph.nodes[id]!;
    const descriptor = lookup.node(type);
    const params = descriptor === undefined ? (given ?? {}) : fillParams(descriptor.params, given);
    const models = descriptor === undefined ? [] : modelHashes(descriptor.params, params, lookup);
    const prefix = nodePrefix({ type, version: descriptor?.version ?? 0, params, fingerprint: models.join(' ') });
    const inputs = Object.entries(links).map(
      ([socket, [from, output]]) => [socket, signatures.get(from) ?? from, output] as const,
    );
    signatures.set(id, signCall(prefix, inputs));
  }
  const made = outputs.map(([name, [node, output]]) => [name, signatures.get(node) ?? node, output] as const);
  const written = sinks.map((id) => signatures.get(id) ?? id).sort();
  return signCall(JSON.stringify(['graph', written]), made);
}

/** `PARAM=HASH` of every model that parameters name. */
export function modelHashes(
  specs: Parameters<typeof fillParams>[0],
  params: Readonly<Record<string, ParamValue>>,
  lookup: Pick<NodeLookup, 'model'>,
): string[] {
  const hashes: string[] = [];
  for (const name in specs) {
    const ref = specs[name]!.kind === 'model' ? own(params, name) : undefined;
    const info = typeof ref === 'string' ? lookup.model(ref) : undefined;
    if (info !== undefined) hashes.push(`${name}=${info.hash}`);
  }
  return hashes;
}
