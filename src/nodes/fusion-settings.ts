/** Parameters that nodes of fusion blocks share: where a block's weights lie, and what weights do not tell of attention. */
import type { ParamSpecs } from '../protocol/param.ts';
import { precisionParam } from './precision-param.ts';

/** Where a block's weights lie. */
export const blockParams = {
  model: { kind: 'model', families: [], doc: 'A model folder whose safetensors hold the block.' },
  prefix: {
    kind: 'text',
    default: '',
    doc: "What the names of the block's weights begin with, the dot included: `encoder.layer.3.`",
  },
  precision: precisionParam,
} as const satisfies ParamSpecs;

export const attentionParams = {
  heads: {
    kind: 'number',
    default: 8,
    min: 1,
    max: 1024,
    integer: true,
    doc: "Heads of the attention; they divide the width of its queries. Weights do not tell it, a model's config.json does.",
  },
  activation: {
    kind: 'choice',
    options: ['gelu', 'gelu_tanh', 'quick_gelu', 'relu', 'silu', 'tanh', 'sigmoid', 'none'],
    default: 'gelu',
    advanced: true,
    doc: 'Of the feed-forward network; `gelu` is the exact one.',
  },
  epsilon: {
    kind: 'number',
    default: 1e-5,
    min: 0,
    max: 1,
    advanced: true,
    doc: 'Added to the variance in the norms.',
  },
} as const satisfies ParamSpecs;
