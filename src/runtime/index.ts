/** The runtime layer's face to src/app.ts. */
export { RUNTIME_LIMITS, type RuntimeLimits } from './options.ts';
export { Runtime, type RuntimeOptions } from './runtime.ts';
