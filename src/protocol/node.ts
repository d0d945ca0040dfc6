/**
 * What a node type is: its descriptor (pure data, sent to the editor) and its definition (with the code that runs).
 * Browser-safe leaf: the editor imports the descriptor, the node files implement the definition.
 */
import type { WeftError } from '../errors.ts';
import type { ParamSpecs, ParamsOf } from './param.ts';
import type { SocketType } from './socket.ts';
import type { Value, ValueOf } from './value.ts';

export interface InputSpec {
  readonly type: SocketType;
  readonly doc: string;
  readonly optional?: boolean;
  /**
   * `true`: receives the whole list, as an array, once it is complete.
   * Otherwise the node takes one item and the runtime maps it over a list, item by item.
   */
  readonly whole?: boolean;
}

export interface OutputSpec {
  readonly type: SocketType;
  readonly doc: string;
}

export type InputSpecs = Readonly<Record<string, InputSpec>>;
export type OutputSpecs = Readonly<Record<string, OutputSpec>>;

export interface NodeDescriptor {
  /** `family/name`: the same string in source path, palette, docs, test and graph. */
  readonly type: string;
  /** Raised when the same inputs give another result: part of the cache signature. */
  readonly version: number;
  readonly title: string;
  /** One sentence for the palette. */
  readonly summary: string;
  /** Markdown: what it computes, shapes, units, errors. */
  readonly doc: string;
  readonly paper?: { readonly title: string; readonly url: string };
  readonly params: ParamSpecs;
  readonly inputs: InputSpecs;
  readonly outputs: OutputSpecs;
  /** One call emits many items (a folder of pictures, a list of texts). */
  readonly emitsList?: boolean;
  /** Runs though nothing reads its outputs, and is never cached: it writes something. */
  readonly sink?: boolean;
}

/** Values by input name. An absent optional input is undefined; a `whole` input is an array. */
export type InputsOf<I extends InputSpecs> = {
  readonly [K in keyof I]:
    | (I[K] extends { whole: true } ? readonly ValueOf<I[K]['type']['kind']>[] : ValueOf<I[K]['type']['kind']>)
    | (I[K] extends { optional: true } ? undefined : never);
};

export type OutputsOf<O extends OutputSpecs> = { readonly [K in keyof O]: ValueOf<O[K]['type']['kind']> };

/** One item of a node that emits a list. A broken item is an error beside its siblings, not the end of the list. */
export type EmittedItem<O> =
  | { readonly key: string; readonly fingerprint: string; readonly outputs: () => Promise<O> }
  | { readonly key: string; readonly error: WeftError };

export interface NodeContext<S> {
  readonly services: S;
  readonly signal: AbortSignal;
  /**
   * Reports progress: done of total, in the node's own unit. `partial` is what there is so far of an output, of a table only
   * the rows that are new. Reports that come too fast are dropped.
   */
  progress(done: number, total?: number, note?: string, partial?: Readonly<Record<string, Value>>): void;
}

export interface NodeCall<P, I, S> {
  readonly params: P;
  readonly inputs: I;
  readonly context: NodeContext<S>;
}

export interface NodeDefinition<
  S,
  P extends ParamSpecs = ParamSpecs,
  I extends InputSpecs = InputSpecs,
  O extends OutputSpecs = OutputSpecs,
> extends NodeDescriptor {
  readonly params: P;
  readonly inputs: I;
  readonly outputs: O;
  /**
   * What outside the graph the result depends on: file contents, model hashes. Part of the cache signature.
   * Throws the same WeftError that running would throw when that thing is missing.
   */
  fingerprint?(params: ParamsOf<P>, context: NodeContext<S>): Promise<string>;
  /** One item in, one item out. Every node has `run`, or `emit` when it emits a list. */
  run?(call: NodeCall<ParamsOf<P>, InputsOf<I>, S>): Promise<OutputsOf<O>>;
  /** Several items in one call; same parameters for all. Result i belongs to call i; a failed item is its error. */
  runBatch?(
    calls: readonly InputsOf<I>[],
    params: ParamsOf<P>,
    context: NodeContext<S>,
  ): Promise<readonly (OutputsOf<O> | WeftError)[]>;
  /** Emits a list, lazily: `outputs()` of an item is called only when the runtime wants that item. */
  emit?(call: NodeCall<ParamsOf<P>, InputsOf<I>, S>): AsyncIterable<EmittedItem<OutputsOf<O>>>;
}

/** A definition whose own types are forgotten, as the registry and the runtime hold it. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are contravariant; the runtime checks them by the specs.
export type AnyNodeDefinition<S> = NodeDefinition<S, any, any, any>;

/** The descriptor part of a definition: what leaves the process. */
export function describeNode<S>(definition: AnyNodeDefinition<S>): NodeDescriptor {
  const { type, version, title, summary, doc, params, inputs, outputs, paper, emitsList, sink } = definition;
  return {
    type,
    version,
    title,
    summary,
    doc,
    params,
    inputs,
    outputs,
    ...(paper === undefined ? {} : { paper }),
    ...(emitsList === undefined ? {} : { emitsList }),
    ...(sink === undefined ? {} : { sink }),
  };
}
