/** Rule: every model that a parameter names is installed, whole, and of a family the node can use. */
import { WeftError } from '../../errors.ts';
import { own } from '../own.ts';
import { expectedOf } from '../params.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function missingModel({ nodes, lookup }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor === undefined) continue;
    for (const [param, spec] of Object.entries(descriptor.params)) {
      if (spec.kind !== 'model') continue;
      const model = own(node.params, param) ?? spec.default;
      // No text at all is bad-parameter's affair.
      if (typeof model !== 'string' || model.trim() === '') continue;
      const info = lookup.model(model);
      const problem = info === undefined ? lookup.model.problem?.(model) : undefined;
      if (problem !== undefined) {
        errors.push(problem.at({ node: id }));
      } else if (info === undefined) {
        errors.push(new WeftError('graph/missing-model', { node: id, param, model, hint: hintFor(model) }));
      } else if (spec.families.length > 0 && !spec.families.includes(info.family)) {
        errors.push(
          new WeftError('graph/bad-parameter', {
            node: id,
            param,
            expected: expectedOf(spec),
            received: `"${model}", a model of family ${info.family}`,
            hint: '`weft models list` shows each model with its family.',
          }),
        );
      }
    }
  }
  return errors;
}

function hintFor(model: string): string {
  if (/^zoo\//.test(model)) return '`weft models list` shows the models of the zoo.';
  if (/^[\w.-]+\/[\w.-]+$/.test(model) && !/\.onnx$/i.test(model)) {
    return `\`weft models pull ${model}\` downloads it; \`weft models list\` shows what is here.`;
  }
  return 'Check the path; `weft models list` shows what is here.';
}
