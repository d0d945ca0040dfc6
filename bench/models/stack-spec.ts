/** A transformer of the bench as our stack is asked for. */
import type { LinearSpec, NormSpec, StackSpec, SublayerSpec } from '../../src/native/stack-spec.ts';
import type { TransformerShape, Weights } from './transformer.ts';

export function stackSpec(shape: TransformerShape, weights: Weights): StackSpec {
  const source = (name: string) => ({ ...weights.get(name)!, name });
  const linear = (name: string): LinearSpec => ({ weight: source(`${name}.weight`), bias: source(`${name}.bias`) });
  const norm = (name: string): NormSpec => ({
    weight: source(`${name}.weight`),
    bias: source(`${name}.bias`),
    epsilon: shape.epsilon,
  });
  const placed = (name: string) => (shape.normFirst ? { before: norm(name) } : { after: norm(name) });
  const layer = (index: number): SublayerSpec[] => {
    const inside = (name: string) => `layers.${index}.${name}`;
    const { heads, causal, activation } = shape;
    const [qkv, output] = [linear(inside('qkv')), linear(inside('output'))];
    const [up, down] = [linear(inside('up')), linear(inside('down'))];
    return [
      { ...placed(inside('norm1')), selfAttention: { heads, qkv, output, causal } },
      { ...placed(inside('norm2')), feedForward: { up, down, activation } },
    ];
  };
  const embeddingNorm = shape.embeddingNorm ? { norm: norm('embeddingNorm') } : {};
  return {
    name: shape.name,
    width: shape.width,
    ...(shape.embedding.kind === 'patches'
      ? {
          patches: {
            project: { weight: source('patches') },
            leading: [source('class')],
            positions: source('positions'),
            grid: gridOf(shape.embedding),
            ...embeddingNorm,
          },
        }
      : {
          tokens: {
            tokens: source('tokens'),
            positions: source('positions'),
            ...(shape.embedding.segments > 0 ? { segments: source('segments') } : {}),
            ...embeddingNorm,
          },
        }),
    layers: Array.from({ length: shape.layers }, (_, index) => layer(index)),
    ...headOf(shape, weights, norm),
  };
}

function gridOf({ patch, picture }: { readonly patch: number; readonly picture: number }): [number, number] {
  return [picture / patch, picture / patch];
}

function headOf(shape: TransformerShape, weights: Weights, norm: (name: string) => NormSpec): Partial<StackSpec> {
  const { output } = shape;
  const last = shape.normFirst ? { norm: norm('norm') } : {};
  if (output.kind === 'hidden') return last;
  const rows = output.kind === 'projection' ? output.row : 'last';
  const weight = weights.get(output.kind === 'projection' ? 'projection' : 'tokens')!;
  return { head: { rows, ...last, linear: { weight } } };
}
