/** Parameters that encoders share: where a model's towers run, and in which precision. */
import type { ParamSpecs } from '../protocol/param.ts';
import { backendParams } from './backend-params.ts';

export const encodeSettings = {
  backend: backendParams.backend,
  precision: {
    kind: 'choice',
    options: ['fp32', 'bf16', 'int8'],
    default: 'fp32',
    advanced: true,
    doc: 'Of the weights in the native backend: bf16 halves their memory, int8 quarters it and is the fastest.',
  },
  dtype: backendParams.dtype,
} as const satisfies ParamSpecs;
