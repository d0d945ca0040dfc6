/**
 * A graph from text or from an object somebody sent: limits, syntax, version, shape. Meaning is checked by validate/.
 * Pure; no node: imports. Never keeps a reference to what it was given.
 */
import { WeftError } from '../errors.ts';
import { type Graph, graphSchema } from '../protocol/graph-file.ts';
import { findSyntaxProblem } from './json-syntax.ts';
import { migrateGraph, type RawGraph } from './migrate.ts';
import { FORBIDDEN_NAMES } from './own.ts';
import { badShape, schemaErrors } from './schema-issues.ts';

export interface GraphLimits {
  readonly maxNodes: number;
  /** UTF-16 units of the text; data URLs count. */
  readonly maxCharacters: number;
}

export const GRAPH_LIMITS: GraphLimits = { maxNodes: 10_000, maxCharacters: 64 * 1024 * 1024 };

/** More than these are not worth listing. */
const MAX_ERRORS = 100;

export interface ReadGraph {
  readonly graph?: Graph;
  readonly errors: readonly WeftError[];
}

/** Text or object to graph; every problem of its shape at once. `where` names the text in messages. */
export function readGraph(input: unknown, limits: Partial<GraphLimits> = {}, where = 'the text'): ReadGraph {
  try {
    const { maxNodes, maxCharacters } = { ...GRAPH_LIMITS, ...limits };
    const raw = typeof input === 'string' ? fromText(input, maxCharacters, where) : input;
    if (!isRecord(raw)) throw badShape('an object', [], raw);
    const current = migrateGraph(raw);
    const count = isRecord(current.nodes) ? Object.keys(current.nodes).length : 0;
    if (count > maxNodes) throw new WeftError('graph/too-large', { limit: maxNodes, what: 'nodes', received: count });
    const forbidden = forbiddenNames(current);
    if (forbidden.length > 0) return { errors: forbidden };
    const checked = graphSchema.safeParse(current);
    if (checked.success) return { graph: checked.data, errors: [] };
    return { errors: schemaErrors(checked.error.issues.slice(0, MAX_ERRORS), current) };
  } catch (thrown) {
    if (thrown instanceof WeftError) return { errors: [thrown] };
    throw thrown;
  }
}

/** Like readGraph, but throws: the error itself when there is one, `graph/invalid` with all of them when there are more. */
export function parseGraph(input: unknown, limits: Partial<GraphLimits> = {}, where?: string): Graph {
  const { graph, errors } = readGraph(input, limits, where);
  if (graph !== undefined) return graph;
  if (errors.length === 1) throw errors[0];
  throw invalidGraph(errors);
}

export function invalidGraph(errors: readonly WeftError[]): WeftError {
  return new WeftError('graph/invalid', { count: errors.length }, { errors });
}

function fromText(text: string, maxCharacters: number, where: string): unknown {
  if (text.length > maxCharacters) {
    throw new WeftError('graph/too-large', { limit: maxCharacters, what: 'characters', received: text.length });
  }
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (cause) {
    const problem = findSyntaxProblem(json);
    const reason =
      problem === undefined ? 'unknown syntax' : `line ${problem.line}, column ${problem.column}: ${problem.reason}`;
    const place = problem === undefined ? {} : { line: problem.line, column: problem.column };
    throw new WeftError('graph/not-json', { where, reason, ...place }, { cause });
  }
}

/** JSON.parse makes `__proto__` an own property that copying would turn into a prototype: such names are refused. */
function forbiddenNames(graph: RawGraph): WeftError[] {
  const errors: WeftError[] = [];
  const look = (value: unknown, path: readonly string[]): void => {
    if (!isRecord(value)) return;
    for (const key of Object.keys(value)) {
      if (FORBIDDEN_NAMES.has(key)) errors.push(badShape('another name (this one is reserved)', [...path, key], graph));
    }
  };
  for (const part of ['inputs', 'outputs', 'nodes', 'layout']) look(graph[part], [part]);
  look(graph, []);
  if (isRecord(graph.nodes)) {
    for (const [id, node] of Object.entries(graph.nodes)) {
      if (!isRecord(node)) continue;
      look(node, ['nodes', id]);
      look(node.params, ['nodes', id, 'params']);
      look(node.in, ['nodes', id, 'in']);
    }
  }
  return errors.slice(0, MAX_ERRORS);
}

function isRecord(value: unknown): value is RawGraph {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
