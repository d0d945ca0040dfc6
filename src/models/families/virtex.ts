/**
 * VirTex's captioning heads: a decoder that reads a feature map and writes a caption forwards, and one that writes it
 * backwards. They share the projection of the picture, the words' embedding and the output, which is tied to it.
 * Source: Desai & Johnson, VirTex: Learning Visual Representations from Textual Annotations (2020).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { torchDecoderLayer } from '../blocks/torch-layer.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

export interface VirtexSpec {
  /** Columns of the feature map to rows of the decoders. */
  readonly picture: LinearSpec;
  /** Words and their positions, without layers. Rows of padding count as zeros. */
  readonly words: StackSpec;
  readonly forward: StackSpec;
  readonly backward: StackSpec;
  readonly output: LinearSpec;
  /** Most tokens of a caption. */
  readonly positions: number;
}

/** Of the words' embedding; the layers have PyTorch's own. */
const WORDS_EPSILON = 1e-8;
const LAYER_EPSILON = 1e-5;

/** Published files repeat what both directions share under the name of each, and hold the network that sees. */
const UNUSED = [/^backward_textual\.(?:embedding|visual_projection|output)\./, /^visual\./];

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function virtex({ config, weights }: Checkpoint): VirtexSpec {
  const width = config.count('hidden_size', 1024);
  const positions = config.count('max_length', 30);
  const shared = weights.below('textual.');
  const words = shared.take('embedding.words.weight', [config.count('vocab_size', 10_000), width]);
  const spec: VirtexSpec = {
    positions,
    picture: linear(shared, 'visual_projection', { inputs: config.count('visual_dim', 2048), outputs: width }),
    words: {
      name: `${config.model} words`,
      width,
      tokens: {
        tokens: words,
        positions: shared.take('embedding.positions.weight', [positions, width]),
        norm: layerNorm(shared, 'embedding.layer_norm', width, WORDS_EPSILON),
      },
      layers: [],
    },
    forward: decoder(config, shared.below('transformer.'), 'forward', width),
    backward: decoder(config, weights.below('backward_textual.transformer.'), 'backward', width),
    output: { weight: words, bias: shared.take('output.bias', [config.count('vocab_size', 10_000)]) },
  };
  // The tied matrix may stand under the output's name too.
  weights.finish({ ignore: [...UNUSED, /^textual\.output\.weight$/] });
  return spec;
}

function decoder(config: ConfigReader, weights: WeightReader, direction: string, width: number): StackSpec {
  const shape = {
    width,
    heads: readHeads(config, 'heads', 16, width),
    inner: config.count('intermediate_size', 4 * width),
    activation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: LAYER_EPSILON,
  };
  const isBefore = config.flag('norm_first', false);
  const kind = { norms: isBefore ? 'before' : 'after', causal: true } as const;
  return {
    name: `${config.model} ${direction}`,
    width,
    layers: Array.from({ length: config.count('layers', 1) }, (_, layer) =>
      torchDecoderLayer(weights.below(`layers.${layer}.`), shape, kind),
    ),
    ...(isBefore ? { norm: layerNorm(weights, 'norm', width, LAYER_EPSILON) } : {}),
  };
}
