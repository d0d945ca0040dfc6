/** Parameters that encoders share: where a model's towers run, and in which precision. */
import { BACKENDS } from '../models/backend.ts';
import { ONNX_DTYPES } from '../models/onnx/variant.ts';
import type { ParamSpecs } from '../protocol/param.ts';

export const encodeSettings = {
  backend: {
    kind: 'choice',
    options: BACKENDS,
    default: 'auto',
    advanced: true,
    doc: "auto: Weft's own stack where the model has safetensors, else ONNX Runtime. Embeddings of both can be compared.",
  },
  precision: {
    kind: 'choice',
    options: ['fp32', 'bf16', 'int8'],
    default: 'fp32',
    advanced: true,
    doc: 'Of the weights in the native backend: bf16 halves their memory, int8 quarters it and is the fastest.',
  },
  dtype: {
    kind: 'choice',
    options: ONNX_DTYPES,
    default: 'auto',
    advanced: true,
    doc: 'Of the ONNX files in the onnx backend, as transformers.js names them; auto: the first that is there for all its networks.',
  },
} as const satisfies ParamSpecs;
