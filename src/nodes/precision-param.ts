/** The parameter that every node of a native model has: how its weights are kept. */
export const precisionParam = {
  kind: 'choice',
  options: ['fp32', 'bf16', 'int8'],
  default: 'fp32',
  advanced: true,
  doc: 'Of the weights: bf16 halves their memory, int8 quarters it and is the fastest.',
} as const;
