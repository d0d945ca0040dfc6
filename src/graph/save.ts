/**
 * A graph as text, the same text for the same graph, so that differences between versions read well.
 * Pure; no node: imports. Nodes, parameters and links are sorted by name; declared inputs and outputs keep their order,
 * because people see them in it. Links, points and short lists take one line.
 */
import type { Graph, GraphNode } from '../protocol/graph-file.ts';

const WIDTH = 100;

export function saveGraph(graph: Graph): string {
  const ordered = {
    weft: graph.weft,
    name: graph.name,
    description: graph.description,
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: sorted(graph.nodes, orderedNode),
    layout: graph.layout === undefined ? undefined : sorted(graph.layout, (point) => point),
    groups: graph.groups?.map(({ title, bounds, color }) => ({ title, bounds, color })),
  };
  return `${print(ordered, '', 0, ['nodes'])}\n`;
}

function orderedNode({ type, title, params, in: links }: GraphNode): unknown {
  return {
    type,
    title,
    params: params === undefined ? undefined : sorted(params, (value) => value),
    in: links === undefined ? undefined : sorted(links, (link) => link),
  };
}

function sorted<T>(record: Readonly<Record<string, T>>, convert: (value: T) => unknown): Record<string, unknown> {
  // By code units: the same on every machine, whatever its language.
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((key) => [key, convert(record[key]!)]),
  );
}

/** Empty objects and lists of lists are left out, except where the format needs them (`keep`) or the list is a value. */
function print(value: unknown, indent: string, column: number, keep: readonly string[] = []): string {
  if (Array.isArray(value)) return printList(value, indent, column);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(
    ([key, entry]) => entry !== undefined && (keep.includes(key) || !isEmptyObject(entry)),
  );
  if (entries.length === 0) return '{}';
  const line = JSON.stringify(value);
  if (isFlat(value) && column + line.length <= WIDTH && indent.length >= 4) {
    return `{ ${entries.map(([key, entry]) => `${JSON.stringify(key)}: ${print(entry, indent, 0)}`).join(', ')} }`;
  }
  const inner = `${indent}  `;
  const lines = entries.map(([key, entry]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${print(entry, inner, start.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function printList(list: readonly unknown[], indent: string, column: number): string {
  const line = `[${list.map((item) => print(item, indent, 0)).join(', ')}]`;
  if (list.length === 0 || (column + line.length <= WIDTH && list.every((item) => typeof item !== 'object')))
    return line;
  const inner = `${indent}  `;
  return `[\n${list.map((item) => `${inner}${print(item, inner, inner.length)}`).join(',\n')}\n${indent}]`;
}

function isFlat(value: object): boolean {
  return Object.values(value).every((entry) => typeof entry !== 'object' || entry === null);
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
