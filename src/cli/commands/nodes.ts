/** `weft nodes [TYPE]`: the catalogue of node types, or everything about one. */
import { WeftError } from '../../errors.ts';
import { expectedOf } from '../../graph/index.ts';
import type { NodeDescriptor } from '../../protocol/node.ts';
import type { ParamSpec } from '../../protocol/param.ts';
import { formatSocketType } from '../../protocol/socket.ts';
import type { CommandContext } from '../context.ts';
import { padEnd, widest, wrap } from '../draw/columns.ts';
import { joinLines } from '../draw/lines.ts';
import type { Colors, Terminal } from '../terminal.ts';
import { type JsonOption, printJson, withApplication } from '../with-application.ts';

export function nodesCommand(context: CommandContext, type: string | undefined, options: JsonOption): Promise<number> {
  const { terminal } = context;
  return withApplication(context, options, async ({ nodes }) => {
    if (type === undefined) {
      if (options.json === true) printJson(context, nodes);
      else terminal.print(joinLines(drawList(nodes, terminal.colors)));
      return undefined;
    }
    const node = findNode(nodes, type);
    if (options.json === true) printJson(context, node);
    else terminal.print(joinLines(drawNode(node, terminal)));
    return undefined;
  });
}

function findNode(nodes: readonly NodeDescriptor[], type: string): NodeDescriptor {
  const found = nodes.find((node) => node.type === type);
  if (found !== undefined) return found;
  const name = type.split('/').at(-1) ?? type;
  const near = nodes.filter((node) => node.type.includes(name) || name.includes(node.type.split('/').at(-1) ?? '?'));
  const hint = near.length === 0 ? '' : ` (did you mean ${near.map((node) => node.type).join(' or ')}?)`;
  throw new WeftError('usage/bad-argument', {
    expected: 'a node type; `weft nodes` lists them',
    received: `"${type}"${hint}`,
    command: 'nodes',
  });
}

function drawList(nodes: readonly NodeDescriptor[], colors: Colors): string[] {
  const width = widest(nodes.map((node) => node.type));
  const familyOf = (node: NodeDescriptor): string => node.type.split('/')[0] ?? '';
  return [...new Set(nodes.map(familyOf))].flatMap((family, index) => [
    ...(index === 0 ? [] : ['']),
    colors.bold(family),
    ...nodes
      .filter((node) => familyOf(node) === family)
      .map(({ type, summary }) => `  ${padEnd(type, width)}  ${colors.dim(summary)}`),
  ]);
}

function drawNode(node: NodeDescriptor, { colors, columns }: Terminal): string[] {
  const sockets = (specs: NodeDescriptor['inputs'] | NodeDescriptor['outputs']): Part[] =>
    Object.entries(specs).map(([name, { type, doc }]) => ({ name, takes: formatSocketType(type), doc }));
  const params = Object.entries(node.params).map(([name, spec]) => ({
    name,
    takes: `${expectedOf(spec)} ${defaultOf(spec)}`,
    doc: spec.doc,
  }));
  const section = (title: string, parts: readonly Part[]): string[] =>
    parts.length === 0 ? [] : ['', colors.bold(title), ...parts.flatMap((part) => drawPart(part, colors, columns))];
  return [
    `${colors.bold(node.type)}  ${node.title}  ${colors.dim(`version ${node.version}`)}`,
    node.summary,
    '',
    node.doc.trim(),
    ...(node.paper === undefined ? [] : ['', `${node.paper.title}: ${node.paper.url}`]),
    ...section('inputs', sockets(node.inputs)),
    ...section('outputs', sockets(node.outputs)),
    ...section('parameters', params),
  ];
}

interface Part {
  readonly name: string;
  readonly takes: string;
  readonly doc: string;
}

function drawPart({ name, takes, doc }: Part, colors: Colors, columns: number): string[] {
  return [`  ${colors.cyan(name)}  ${takes}`, ...wrap(doc, columns - 6).map((line) => colors.dim(`      ${line}`))];
}

function defaultOf(spec: ParamSpec): string {
  if (spec.default !== undefined) {
    return `(default: ${Array.isArray(spec.default) ? spec.default.join(', ') : String(spec.default)})`;
  }
  return 'optional' in spec && spec.optional === true ? '(optional)' : '(required)';
}
