/**
 * The editor's door to src/graph: the same validator as the server's, asked after every change and for every wire.
 * Adds only what a person at work needs: which errors are merely unfinished work, and what would mend them. Pure.
 */
import type { ErrorCode, ErrorShape } from '../../../src/errors.ts';
import {
  checkLink,
  createLookup,
  isKindAssignable,
  type NodeLookup,
  resolveTypes,
  validateGraph,
} from '../../../src/graph/index.ts';
import type { Graph, ModelInfo, NodeDescriptor, SocketType } from '../../../src/protocol/index.ts';
import type { InputEnd, OutputEnd } from './commands.ts';

export interface Problem {
  readonly code: ErrorCode;
  /** `todo`: the graph is not finished yet; `error`: something in it is wrong. */
  readonly level: 'todo' | 'error';
  readonly message: string;
  readonly remedy: string;
  readonly node?: string;
  readonly socket?: string;
}

export class Checker {
  readonly lookup: NodeLookup;

  constructor(nodes: readonly NodeDescriptor[], models: readonly ModelInfo[]) {
    const byRef = new Map(models.map((model) => [model.ref, model]));
    this.lookup = createLookup(nodes, (ref) => byRef.get(ref));
  }

  /** Everything wrong with the graph. Models given as paths are the server's to judge. */
  problems(graph: Graph): readonly Problem[] {
    if (Object.keys(graph.nodes).length === 0) return [];
    return validateGraph(graph, this.lookup).map((error) => toProblem(error.toJSON(), graph));
  }

  /** Why an output may not be wired into an input, or undefined when it may. */
  refusal(graph: Graph, from: OutputEnd, to: InputEnd): string | undefined {
    const output = this.#output(graph, from);
    const input = this.#input(graph, to);
    if (from.node === to.node) return 'A node cannot read its own output.';
    const error = checkLink(graph, this.lookup, [from.node, from.output], [to.node, to.input]);
    if (error !== undefined) return refusalText(error.toJSON());
    if (output !== undefined && input !== undefined && !isKindAssignable(output.kind, input.kind)) {
      return `${output.kind} does not fit ${input.kind}.`;
    }
    return undefined;
  }

  /** A cheap first answer while a wire is dragged past many sockets. */
  couldFit(graph: Graph, from: OutputEnd, to: InputEnd): boolean {
    const output = this.#output(graph, from);
    const input = this.#input(graph, to);
    return output === undefined || input === undefined || isKindAssignable(output.kind, input.kind);
  }

  /** Whether a node of this type has a socket for the free end of a wire. */
  fitsNode(graph: Graph, end: OutputEnd | InputEnd, node: NodeDescriptor): boolean {
    if ('output' in end) {
      const output = this.#output(graph, end);
      return (
        output !== undefined && Object.values(node.inputs).some(({ type }) => isKindAssignable(output.kind, type.kind))
      );
    }
    const input = this.#input(graph, end);
    return (
      input !== undefined && Object.values(node.outputs).some(({ type }) => isKindAssignable(type.kind, input.kind))
    );
  }

  /** What each output really carries here: spaces and shapes filled in. */
  outputTypes(graph: Graph): ReadonlyMap<string, Readonly<Record<string, SocketType>>> {
    return resolveTypes(graph, this.lookup).outputs;
  }

  #output(graph: Graph, { node, output }: OutputEnd): SocketType | undefined {
    return this.lookup.node(graph.nodes[node]?.type ?? '')?.outputs[output]?.type;
  }

  #input(graph: Graph, { node, input }: InputEnd): SocketType | undefined {
    return this.lookup.node(graph.nodes[node]?.type ?? '')?.inputs[input]?.type;
  }
}

/** What a refused wire says beside the pointer: the reason, then what to do. */
export function refusalText(error: Pick<ErrorShape, 'message' | 'remedy'>): string {
  return error.remedy === '' ? error.message : `${error.message} ${error.remedy}`;
}

export function toProblem(error: ErrorShape, graph: Graph): Problem {
  return {
    code: error.code,
    level: isUnfinished(error, graph) ? 'todo' : 'error',
    message: error.message,
    remedy: error.remedy,
    ...(error.node === undefined ? {} : { node: error.node }),
    ...(error.socket === undefined ? {} : { socket: error.socket }),
  };
}

/** A socket not wired yet, a parameter not given yet: nobody made a mistake. */
function isUnfinished(error: ErrorShape, graph: Graph): boolean {
  if (error.code === 'graph/missing-input' || error.code === 'graph/no-output') return true;
  if (error.code !== 'graph/bad-parameter') return false;
  const { node, param } = error.details ?? {};
  return typeof node === 'string' && typeof param === 'string' && graph.nodes[node]?.params?.[param] === undefined;
}

/** Outputs that nothing reads: what a graph without declared outputs most likely wants to show. */
export function looseOutputs(graph: Graph, lookup: NodeLookup): readonly OutputEnd[] {
  const read = new Set<string>();
  for (const node of Object.values(graph.nodes)) for (const [from] of Object.values(node.in ?? {})) read.add(from);
  return Object.entries(graph.nodes)
    .filter(
      ([id, node]) => !read.has(id) && Object.keys(node.in ?? {}).length > 0 && lookup.node(node.type) !== undefined,
    )
    .flatMap(([id, node]) =>
      Object.keys(lookup.node(node.type)?.outputs ?? {}).map((output) => ({ node: id, output })),
    );
}
