/**
 * The graph file: one JSON format for the editor, the CLI and the API.
 * Browser-safe leaf: the zod schema checks the shape only; meaning is checked by src/graph/validate.
 */
import { z } from 'zod';

export const GRAPH_VERSION = 1;

/** Names of nodes, inputs and outputs: start with a letter, then letters, digits, `_`, `-`. */
const name = z.string().regex(/^[A-Za-z][\w-]{0,63}$/, 'a name: letters, digits, _ and -, at most 64');

export const linkSchema = z.tuple([name, z.string().min(1)]);

export const paramValueSchema = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
  z.array(z.number()),
]);

export const graphNodeSchema = z.strictObject({
  type: z.string().min(1),
  title: z.string().optional(),
  params: z.record(z.string(), paramValueSchema).optional(),
  in: z.record(z.string(), linkSchema).optional(),
});

export const groupSchema = z.strictObject({
  title: z.string(),
  /** x, y, width, height on the canvas. */
  bounds: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  color: z.string().optional(),
});

const paramTarget = z.strictObject({ node: name, param: z.string().min(1) });

/** One named input sets one parameter, and `also` the same value in others: one `model` for all towers of a graph. */
export const graphInputSchema = paramTarget.extend({ also: z.array(paramTarget).optional() });

export const graphSchema = z.strictObject({
  weft: z.literal(GRAPH_VERSION),
  name: z.string().min(1),
  description: z.string().optional(),
  inputs: z.record(name, graphInputSchema).optional(),
  outputs: z.record(name, linkSchema).optional(),
  nodes: z.record(name, graphNodeSchema),
  layout: z.record(name, z.tuple([z.number(), z.number()])).optional(),
  groups: z.array(groupSchema).optional(),
});

export type Link = z.infer<typeof linkSchema>;
export type GraphInput = z.infer<typeof graphInputSchema>;
export type GraphNode = z.infer<typeof graphNodeSchema>;
export type Graph = z.infer<typeof graphSchema>;
export type GraphGroup = z.infer<typeof groupSchema>;
