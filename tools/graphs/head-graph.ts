/** A saved graph of one node that does a task, its sources on the left, what keeps the result on the right. Pure. */
import { registry } from '../../src/nodes/registry.ts';
import { type Graph, graphSchema } from '../../src/protocol/graph-file.ts';
import type { ParamValue } from '../../src/protocol/param.ts';
import type { SocketKind } from '../../src/protocol/socket.ts';

type Params = Readonly<Record<string, ParamValue>>;

export interface HeadGraph {
  /** Its file's name in graphs/, without `.json`. */
  readonly file: string;
  /** What people read in the gallery. */
  readonly name: string;
  readonly description: string;
  /** Type of the node that does the task. */
  readonly head: string;
  /** The published checkpoint. */
  readonly model: string;
  /** Of the head, beside the model; they may be set from outside. */
  readonly params?: Params;
  /** By input of the head. */
  readonly sources: Readonly<Record<string, HeadSource>>;
}

/** Pictures (file or folder), texts, or features of regions, with their boxes where the model reads those. */
export type HeadSource =
  | { readonly picture: string }
  | { readonly texts: readonly string[] }
  | { readonly regions: string; readonly boxes?: boolean };

/** The node that a source is, the parameter that is set from outside, and the output that the head reads. */
function partsOf(source: HeadSource) {
  if ('picture' in source) {
    return { node: { type: 'source/image', params: { source: source.picture } }, param: 'source', output: 'image' };
  }
  if ('regions' in source) {
    return {
      node: { type: 'encode/regions', params: { features: source.regions } },
      param: 'features',
      output: 'features',
    };
  }
  return { node: { type: 'source/texts', params: { texts: source.texts } }, param: 'texts', output: 'text' };
}

/** Of regions: their boxes come from the same node, and from a file of their own where it has one. */
function withBoxes(sources: HeadGraph['sources']): string[] {
  return Object.entries(sources).flatMap(([id, source]) => ('regions' in source && source.boxes === true ? [id] : []));
}

const COLUMN = 300;
const ROW = 240;
const [LEFT, TOP] = [40, 60];

/** What is looked at on the picture, by the input of sink/image that draws it. */
const DRAWN: { readonly [Kind in SocketKind]?: string } = { Boxes: 'boxes', Masks: 'masks' };

/** Throws an Error when the head is no node type, or lacks an input. */
export function headGraph({ name, description, head, model, params = {}, sources }: HeadGraph): Graph {
  const definition = registry.get(head);
  const output = Object.keys(definition?.outputs ?? {})[0];
  if (definition === undefined || output === undefined) throw new Error(`${head} is no node type with an output`);
  const ids = Object.keys(sources);
  const given = Object.entries(sources).map(([id, source]) => {
    if (definition.inputs[id] === undefined) throw new Error(`${head} has no input "${id}"`);
    return [id, partsOf(source)] as const;
  });
  const boxes = withBoxes(sources);
  const kind: SocketKind = definition.outputs[output]!.type.kind;
  const socket = DRAWN[kind];
  const save = socket
    ? { type: 'sink/image', in: { image: ['image', 'image'], [socket]: ['head', output] } }
    : { type: 'sink/json', in: { values: ['head', output] } };
  const links = [...given.map(([id, part]) => [id, [id, part.output]]), ...boxes.map((id) => ['boxes', [id, 'boxes']])];
  return graphSchema.parse({
    weft: 1,
    name,
    description,
    inputs: {
      ...Object.fromEntries(given.map(([id, { param }]) => [id, { node: id, param }])),
      ...Object.fromEntries(boxes.map((id) => ['boxes', { node: id, param: 'boxes' }])),
      model: { node: 'head', param: 'model' },
      ...Object.fromEntries(Object.keys(params).map((param) => [param, { node: 'head', param }])),
    },
    outputs: { [output]: ['head', output] },
    nodes: {
      ...Object.fromEntries(given.map(([id, { node }]) => [id, node])),
      head: { type: head, params: { model, ...params }, in: Object.fromEntries(links) },
      save,
    },
    layout: {
      ...Object.fromEntries(ids.map((id, row) => [id, [LEFT, TOP + row * ROW]])),
      head: [LEFT + COLUMN, TOP],
      save: [LEFT + 2 * COLUMN, TOP],
    },
  });
}
