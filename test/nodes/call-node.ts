/** Calls a node as the runtime would: defaults filled in, a context with stand-ins for whatever services are not given. */
import type { WeftError } from '../../src/errors.ts';
import { fillParams } from '../../src/graph/params.ts';
import type { Services } from '../../src/nodes/services.ts';
import type {
  InputSpecs,
  InputsOf,
  NodeContext,
  NodeDefinition,
  OutputSpecs,
  OutputsOf,
} from '../../src/protocol/node.ts';
import type { ParamSpecs, ParamsOf, ParamValue } from '../../src/protocol/param.ts';

type Given = Readonly<Record<string, ParamValue>>;
type Definition<P extends ParamSpecs, I extends InputSpecs, O extends OutputSpecs> = NodeDefinition<Services, P, I, O>;

export function contextWith(services: Partial<Services> = {}, signal = new AbortController().signal) {
  const refused = new Proxy({ ...services } as Services, {
    get(target, name: keyof Services) {
      if (name in target) return target[name];
      throw new Error(`the test gave no service "${String(name)}"`);
    },
  });
  return { services: refused, signal, progress: () => {} } satisfies NodeContext<Services>;
}

export function runNode<P extends ParamSpecs, I extends InputSpecs, O extends OutputSpecs>(
  node: Definition<P, I, O>,
  given: Given,
  inputs: InputsOf<I>,
  services: Partial<Services> = {},
): Promise<OutputsOf<O>> {
  return node.run!({ params: filled(node, given), inputs, context: contextWith(services) });
}

export function runBatch<P extends ParamSpecs, I extends InputSpecs, O extends OutputSpecs>(
  node: Definition<P, I, O>,
  given: Given,
  calls: readonly InputsOf<I>[],
  services: Partial<Services> = {},
) {
  return node.runBatch!(calls, filled(node, given), contextWith(services));
}

/** Every item with its outputs made; a broken one keeps its error. */
export async function emitNode<P extends ParamSpecs, I extends InputSpecs, O extends OutputSpecs>(
  node: Definition<P, I, O>,
  given: Given,
  inputs: InputsOf<I>,
  services: Partial<Services> = {},
) {
  const call = { params: filled(node, given), inputs, context: contextWith(services) };
  const items: (Made<OutputsOf<O>> | { readonly key: string; readonly error: WeftError })[] = [];
  for await (const item of node.emit!(call)) {
    if ('error' in item) {
      items.push(item);
      continue;
    }
    const { key, fingerprint } = item;
    try {
      items.push({ key, fingerprint, outputs: await item.outputs() });
    } catch (error) {
      items.push({ key, error: error as WeftError });
    }
  }
  return items;
}

export interface Made<O> {
  readonly key: string;
  readonly fingerprint: string;
  readonly outputs: O;
}

export function filled<P extends ParamSpecs>(node: { readonly params: P }, given: Given): ParamsOf<P> {
  return fillParams(node.params, given) as ParamsOf<P>;
}
