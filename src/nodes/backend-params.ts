/** Parameters of nodes whose model may run from safetensors or from ONNX files: which of them, and in which form. */
import { BACKENDS } from '../models/backend.ts';
import { ONNX_DTYPES } from '../models/onnx/variant.ts';
import type { ParamSpecs } from '../protocol/param.ts';

export const backendParams = {
  backend: {
    kind: 'choice',
    options: BACKENDS,
    default: 'auto',
    advanced: true,
    doc: "auto: Weft's own stack where the model has safetensors, else ONNX Runtime. Embeddings of both can be compared.",
  },
  dtype: {
    kind: 'choice',
    options: ONNX_DTYPES,
    default: 'auto',
    advanced: true,
    doc: 'Of the ONNX files, as transformers.js names them; auto: the first that is there for all networks of the model.',
  },
} as const satisfies ParamSpecs;
