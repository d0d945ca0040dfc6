/** Rule: every parameter has a value of its kind, within its limits. */
import { WeftError } from '../../errors.ts';
import { describeValue } from '../describe-value.ts';
import { own } from '../own.ts';
import { checkParam, type ParamProblem } from '../params.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function badParameter({ nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor === undefined) continue;
    for (const [param, spec] of Object.entries(descriptor.params)) {
      const problem = checkParam(spec, own(node.params, param));
      if (problem !== undefined) errors.push(parameterError(id, param, problem));
    }
  }
  return errors;
}

export function parameterError(node: string, param: string, { expected, received, hint }: ParamProblem): WeftError {
  return new WeftError('graph/bad-parameter', { node, param, expected, received: describeValue(received), hint });
}
