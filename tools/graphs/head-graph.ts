/** A saved graph of one node that does a task, its sources on the left, what keeps the result on the right. Pure. */
import { registry } from '../../src/nodes/registry.ts';
import { type Graph, graphSchema } from '../../src/protocol/graph-file.ts';
import type { ParamValue } from '../../src/protocol/param.ts';

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
  /** By input of the head: pictures (file or folder) or texts. */
  readonly sources: Readonly<Record<string, { readonly picture: string } | { readonly texts: readonly string[] }>>;
}

const COLUMN = 300;
const ROW = 240;
const [LEFT, TOP] = [40, 60];

/** Throws an Error when the head is no node type, or lacks an input. */
export function headGraph({ name, description, head, model, params = {}, sources }: HeadGraph): Graph {
  const definition = registry.get(head);
  const output = Object.keys(definition?.outputs ?? {})[0];
  if (definition === undefined || output === undefined) throw new Error(`${head} is no node type with an output`);
  const ids = Object.keys(sources);
  const given = Object.entries(sources).map(([id, source]) => {
    if (definition.inputs[id] === undefined) throw new Error(`${head} has no input "${id}"`);
    const node =
      'picture' in source
        ? { type: 'source/image', params: { source: source.picture } }
        : { type: 'source/texts', params: { texts: source.texts } };
    return [id, node] as const;
  });
  const drawn = definition.outputs[output]!.type.kind === 'Boxes';
  const save = drawn
    ? { type: 'sink/image', in: { image: ['image', 'image'], boxes: ['head', output] } }
    : { type: 'sink/json', in: { values: ['head', output] } };
  const links = Object.entries(sources).map(([id, source]) => [id, [id, 'picture' in source ? 'image' : 'text']]);
  return graphSchema.parse({
    weft: 1,
    name,
    description,
    inputs: {
      ...Object.fromEntries(
        Object.entries(sources).map(([id, source]) => [
          id,
          { node: id, param: 'picture' in source ? 'source' : 'texts' },
        ]),
      ),
      model: { node: 'head', param: 'model' },
      ...Object.fromEntries(Object.keys(params).map((param) => [param, { node: 'head', param }])),
    },
    outputs: { [output]: ['head', output] },
    nodes: {
      ...Object.fromEntries(given),
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
