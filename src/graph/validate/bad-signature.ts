/** Rule: the graph's declared inputs and outputs point to nodes and parameters that exist. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function badSignature({ graph, nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  const report = (direction: string, name: string, target: string, what: string, hint: string, node: string): void => {
    errors.push(new WeftError('graph/bad-signature', { direction, name, target, what, suggestion: hint }, { node }));
  };
  const targets = Object.entries(graph.inputs ?? {}).flatMap(([name, input]) =>
    [input, ...(input.also ?? [])].map(({ node, param }) => ({ name, node, param })),
  );
  for (const { name, node, param } of targets) {
    const target = nodes.get(node);
    if (target === undefined) report('input', name, node, 'parameter', suggestion(node, nodes.keys()), node);
    else if (target.descriptor !== undefined && !Object.hasOwn(target.descriptor.params, param)) {
      const hint = suggestion(param, Object.keys(target.descriptor.params));
      report('input', name, `${node}.${param}`, 'parameter', hint, node);
    }
  }
  for (const [name, [node]] of Object.entries(graph.outputs ?? {})) {
    if (!nodes.has(node)) report('output', name, node, 'output', suggestion(node, nodes.keys()), node);
  }
  return errors;
}
