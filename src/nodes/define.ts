/**
 * The one way to write a node type: parameters, inputs and outputs are data, and the types of `run` follow from them.
 * Must not check anything at run time: the runtime does that from the same data.
 */
import type { InputSpecs, NodeDefinition, OutputSpecs } from '../protocol/node.ts';
import type { ParamSpecs } from '../protocol/param.ts';
import type { Services } from './services.ts';

export function defineNode<const P extends ParamSpecs, const I extends InputSpecs, const O extends OutputSpecs>(
  definition: NodeDefinition<Services, P, I, O>,
): NodeDefinition<Services, P, I, O> {
  return definition;
}
