/** What the canvas shows of one node, gathered from document, validator and run. Pure. */
import {
  formatSocketType,
  type Graph,
  type GraphNode,
  type NodeDescriptor,
  type SocketType,
} from '../../../src/protocol/index.ts';
import type { Problem } from '../document/checks.ts';
import { outputName } from '../document/commands.ts';
import { paramsOnNode } from '../inspector/field-model.ts';
import type { Picture, Pictures } from '../run/pictures.ts';
import type { RunState } from '../run/run-state.ts';
import type { NodeState } from './node-view.ts';
import { previewOf } from './preview.ts';

export interface Shown {
  readonly graph: Graph;
  readonly descriptor: (type: string) => NodeDescriptor | undefined;
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  /** What each output really carries. */
  readonly types: ReadonlyMap<string, Readonly<Record<string, SocketType>>>;
  readonly run: RunState;
  readonly pictures: Pictures;
  /** Which item of a list, or step of a trace, a person chose for a node to show. */
  readonly pages: ReadonlyMap<string, number>;
}

export function nodeState(shown: Shown, id: string): NodeState {
  const { graph } = shown;
  const node = graph.nodes[id] ?? { type: '' };
  const descriptor = shown.descriptor(node.type) ?? unknownDescriptor(node.type, graph, id);
  const run = shown.run.nodes.get(id);
  const problems = shown.problems.get(id) ?? [];
  const texts = givenTexts(descriptor, node);
  const shownTexts = texts === undefined ? undefined : textsParam(descriptor);
  return {
    descriptor,
    node,
    run,
    preview: previewOf({
      descriptor,
      run,
      page: shown.pages.get(id),
      texts,
      typeText: (output) => {
        const type = shown.types.get(id)?.[output] ?? descriptor.outputs[output]?.type;
        return type === undefined ? '' : formatSocketType(type);
      },
      picture: (output, index) => shown.pictures.get(id, output, index),
      pictureBehind: (index) => pictureBehind(shown, id, index),
    }),
    params: paramsOnNode(descriptor.params, node.params).filter(([name]) => name !== shownTexts),
    problem: worst(problems, run?.errors.map(({ error }) => error.message) ?? []),
    missing: new Set(problems.filter(({ code }) => code === 'graph/missing-input').map(({ socket }) => socket ?? '')),
    results: new Set(Object.keys(descriptor.outputs).filter((output) => outputName(graph, { node: id, output }))),
  };
}

/** The texts of a source that has them as a parameter: shown on the node at once, without a run. */
function givenTexts(descriptor: NodeDescriptor, node: GraphNode): readonly string[] | undefined {
  if (Object.keys(descriptor.inputs).length > 0) return undefined;
  const name = textsParam(descriptor);
  const texts = name === undefined ? undefined : (node.params?.[name] ?? descriptor.params[name]?.default);
  return Array.isArray(texts) && texts.length > 0 ? texts.map(String) : undefined;
}

function textsParam({ params }: NodeDescriptor): string | undefined {
  return Object.keys(params).find((name) => params[name]?.kind === 'texts');
}

function worst(problems: readonly Problem[], failures: readonly string[]): NodeState['problem'] {
  const errors = problems.filter(({ level }) => level === 'error').map(({ message }) => message);
  const all = [...errors, ...failures];
  const [first] = all;
  if (first !== undefined) return { level: 'error', text: first, more: all.length - 1 };
  const [todo] = problems;
  return todo === undefined ? undefined : { level: 'todo', text: todo.message, more: problems.length - 1 };
}

/** The nearest picture that a node's inputs were made from, breadth first. */
export function pictureBehind(
  shown: Pick<Shown, 'graph' | 'descriptor' | 'pictures'>,
  id: string,
  index: number,
): Picture | undefined {
  const seen = new Set([id]);
  let front = [id];
  while (front.length > 0) {
    const next: string[] = [];
    for (const current of front) {
      for (const [from, output] of Object.values(shown.graph.nodes[current]?.in ?? {})) {
        const picture = shown.pictures.get(from, output, index) ?? shown.pictures.get(from, output, 0);
        if (picture !== undefined) return picture;
        if (!seen.has(from)) next.push(from);
        seen.add(from);
      }
    }
    front = next;
  }
  return undefined;
}

/** A node of a type nobody knows still has a place and its links. */
function unknownDescriptor(type: string, graph: Graph, id: string): NodeDescriptor {
  const inputs = Object.keys(graph.nodes[id]?.in ?? {});
  const outputs = new Set(
    Object.values(graph.nodes).flatMap((node) =>
      Object.values(node.in ?? {})
        .filter(([from]) => from === id)
        .map(([, output]) => output),
    ),
  );
  const any = { type: { kind: 'Any' }, doc: '' } as const;
  return {
    type,
    version: 0,
    title: type,
    summary: '',
    doc: '',
    params: {},
    inputs: Object.fromEntries(inputs.map((name) => [name, any])),
    outputs: Object.fromEntries([...outputs].map((name) => [name, any])),
  };
}
