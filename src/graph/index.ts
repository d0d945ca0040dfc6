/** The graph layer: everything about graph files that needs no running. Runs in the browser too. */
export { bridgeNodes } from './bridge-nodes.ts';
export { checkLink } from './check-link.ts';
export { createLookup, modelRefs, type NodeLookup } from './lookup.ts';
export { migrateGraph } from './migrate.ts';
export { type GraphOrder, neededNodes, orderGraph, sourcesOf } from './order.ts';
export { checkParam, convertParam, expectedOf, fillParams, type ParamProblem } from './params.ts';
export { GRAPH_LIMITS, type GraphLimits, invalidGraph, parseGraph, type ReadGraph, readGraph } from './parse.ts';
export { type LinkMismatch, type ResolvedTypes, resolveTypes } from './resolve-types.ts';
export { saveGraph } from './save.ts';
export { checkOutputNames, type SetGraph, setInputs } from './set-inputs.ts';
export { hashText, modelHashes, nodePrefix, signCall, signGraph, signItem, signList } from './sign.ts';
export { isKindAssignable } from './socket-match.ts';
export { validateGraph, validateInSteps } from './validate/index.ts';
