/**
 * SimVLM: pictures as a prefix of the text, by an encoder and a decoder, or by one stack under a prefix mask. Pre-norm
 * layers, learned positions for picture and text each, a head tied to the word embeddings. What makes rows of features
 * from a picture stands outside.
 * Source: Wang et al., SimVLM: Simple Visual Language Model Pretraining with Weak Supervision (2021).
 */
import type { LinearSpec, StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import { layerNorm, linear } from '../blocks/linear.ts';
import { type LayerNames, readHeads, transformerLayers } from '../blocks/transformer-layer.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';

const LAYER: LayerNames = {
  attention: { query: 'self_attn.q', key: 'self_attn.k', value: 'self_attn.v' },
  attentionOutput: 'self_attn.o',
  attentionNorm: 'ln_self',
  up: 'fc1',
  down: 'fc2',
  feedForwardNorm: 'ln_ff',
  cross: {
    query: 'cross_attn.q',
    keyValue: { key: 'cross_attn.k', value: 'cross_attn.v' },
    output: 'cross_attn.o',
    norm: 'ln_cross',
  },
};

export interface SimVlmSpec {
  /** Rows of a picture, [.., visual width], to rows of the stream. */
  readonly picture: LinearSpec;
  /** [picture rows, width], row-major. */
  readonly picturePositions: Float32Array;
  /** Words and their positions, without layers. */
  readonly text: StackSpec;
  /** Reads picture and prefix. */
  readonly encoder: StackSpec;
  /** Reads the rest of the text and the encoder's rows. */
  readonly decoder: StackSpec;
  /** Reads everything, in place of encoder and decoder. */
  readonly single: StackSpec;
  readonly logits: LinearSpec;
}

/** Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export async function simvlm({ config, weights }: Checkpoint): Promise<SimVlmSpec> {
  const width = config.count('hidden_size');
  const shape = {
    width,
    heads: readHeads(config, 'heads', 8, width),
    inner: config.count('intermediate_size'),
    activation: readActivation(config, 'hidden_act', 'gelu'),
    epsilon: config.number('eps', 1e-6),
  };
  const words = weights.take('word.weight', [config.count('vocab_size'), width]);
  const stack = (part: 'encoder' | 'decoder' | 'single'): StackSpec => ({
    name: `${config.model} ${part}`,
    width,
    layers: transformerLayers(
      weights,
      [`${part}.`],
      LAYER,
      { ...shape, layers: config.count(`${part}_layers`) },
      {
        norms: 'before',
        ...(part === 'decoder' ? { causal: true, memoryWidth: width } : {}),
      },
    ),
    norm: layerNorm(weights, `${part}_ln`, width, shape.epsilon),
  });
  const spec: SimVlmSpec = {
    picture: linear(weights, 'patch', { inputs: config.count('visual_dim'), outputs: width }),
    picturePositions: await weights.floats('image_pos.weight', [config.count('image_tokens'), width]),
    text: {
      name: `${config.model} text`,
      width,
      tokens: { tokens: words, positions: weights.take('text_pos.weight', [config.count('max_text'), width]) },
      layers: [],
    },
    encoder: stack('encoder'),
    decoder: stack('decoder'),
    single: stack('single'),
    logits: { weight: words },
  };
  weights.finish();
  return spec;
}
