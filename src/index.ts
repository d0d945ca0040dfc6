/** The package's face: what `import … from 'weft'` gives. */
export { type ApplicationOptions, createApplication } from './app.ts';
export { readGraphFile as loadGraph } from './cli/graph-argument.ts';
export { ERRORS, type ErrorCode, type ErrorShape, EXIT, WeftError } from './errors.ts';
export { createLookup, parseGraph, saveGraph, validateGraph } from './graph/index.ts';
export { auroc, type ScoredExample } from './metrics/auroc.ts';
export { type BleuScores, bleu } from './metrics/bleu.ts';
export { type CaptionScores, scoreCaptions } from './metrics/caption-scores.ts';
export { ciderD } from './metrics/cider-d.ts';
export { type CocoDetectionScores, cocoDetectionScores } from './metrics/coco-detection.ts';
export type { BoxRegion, FoundObject, TrueObject } from './metrics/detection.ts';
export { characterErrorRate, type ReadText, wordErrorRate } from './metrics/error-rate.ts';
export { meanIou, type SegmentationScores, type SegmentedPicture } from './metrics/mean-iou.ts';
export { type RankedQuery, recallAt } from './metrics/ranking.ts';
export { rougeL } from './metrics/rouge-l.ts';
export type { CorpusScore, ScoredCaption, ScoredTokens } from './metrics/scored-caption.ts';
export { tokenizeCaption } from './metrics/tokenize-caption.ts';
export { vqaAccuracy } from './metrics/vqa-accuracy.ts';
export { normalizeAnswer } from './metrics/vqa-answer.ts';
export { type WinogroundResult, type WinogroundScores, winoground } from './metrics/winoground.ts';
export {
  type LoadOptions,
  load,
  type ModelFunction,
  type OutputFor,
  type TaskFunction,
  type TaskInput,
  type TaskOutput,
} from './models/pipelines/load.ts';
export type { Picture } from './models/pipelines/read-task-input.ts';
export type { Regions, TaskName, TaskOptions } from './models/pipelines/task.ts';
export { capabilities } from './native/capabilities.ts';
export { defineNode } from './nodes/define.ts';
export * from './protocol/index.ts';
export { Runtime, type RuntimeLimits, type RuntimeOptions } from './runtime/index.ts';
