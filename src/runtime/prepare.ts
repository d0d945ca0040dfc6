/** From what somebody submitted to a graph that may run: parse, set inputs, look up models, validate. Runs nothing. */

import type { WeftError } from '../errors.ts';
import {
  checkOutputNames,
  createLookup,
  modelRefs,
  type NodeLookup,
  readGraph,
  setInputs,
  validateInSteps,
} from '../graph/index.ts';
import type { Graph } from '../protocol/graph-file.ts';
import type { ModelLookup } from '../protocol/model-info.ts';
import type { AnyNodeDefinition } from '../protocol/node.ts';
import type { RunOptions } from '../protocol/run.ts';
import type { RuntimeLimits } from './options.ts';
import { Pacer } from './pacer.ts';

export interface Submitted {
  readonly graph: Graph;
  /** Wrong names and values of inputs and outputs. */
  readonly errors: readonly WeftError[];
}

export class Preparation<S> {
  readonly #lookup: NodeLookup;
  readonly #modelsFor: (refs: readonly string[]) => Promise<ModelLookup>;
  readonly #limits: RuntimeLimits;

  constructor(
    registry: ReadonlyMap<string, AnyNodeDefinition<S>>,
    modelsFor: (refs: readonly string[]) => Promise<ModelLookup>,
    limits: RuntimeLimits,
  ) {
    this.#lookup = createLookup(registry.values());
    this.#modelsFor = modelsFor;
    this.#limits = limits;
  }

  /** The graph with `set` applied, or the errors of its form. */
  submit(
    input: unknown,
    { set, outputs }: Pick<RunOptions, 'set' | 'outputs'>,
  ): Submitted | { readonly errors: readonly WeftError[] } {
    const { graph, errors } = readGraph(input, this.#limits);
    if (graph === undefined) return { errors };
    const applied = setInputs(graph, set, this.#lookup);
    return { graph: applied.graph, errors: [...applied.errors, ...checkOutputNames(graph, outputs)] };
  }

  /** Everything that is wrong with a submitted graph, and the lookup for the models it names. */
  async check({
    graph,
    errors,
  }: Submitted): Promise<{ readonly errors: readonly WeftError[]; readonly lookup: NodeLookup }> {
    const refs = modelRefs(graph, this.#lookup.node);
    const lookup = refs.length === 0 ? this.#lookup : { ...this.#lookup, model: await this.#modelsFor(refs) };
    const all = [...errors];
    await new Pacer(this.#limits.sliceMilliseconds).drive(validateInSteps(graph, lookup), (found) =>
      all.push(...found),
    );
    return { errors: all, lookup };
  }
}
