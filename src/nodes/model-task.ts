/** What nodes that let a model do a task share: which models they take, and how they come to the task. Knows no family. */
import { WeftError } from '../errors.ts';
import type { BackendChoice } from '../models/backend.ts';
import type { OnnxDtype } from '../models/onnx/variant.ts';
import type { FamilyModel } from '../models/pipelines/family-loader.ts';
import { modelTypesFor } from '../models/pipelines/registry.ts';
import type { TaskName, TaskSignatures } from '../models/pipelines/task.ts';
import type { ParamSpecs } from '../protocol/param.ts';
import { backendParams } from './backend-params.ts';
import { precisionParam } from './precision-param.ts';
import type { Services } from './services.ts';

/** A model whose family announces the task, what runs it, and in which form its weights are. */
export function modelParams(task: TaskName) {
  return {
    model: { kind: 'model', families: modelTypesFor(task), doc: `A model that does ${task}.` },
    precision: precisionParam,
    ...backendParams,
  } as const satisfies ParamSpecs;
}

/** What loading and running any model may throw, for the documentation of nodes. */
export const MODEL_ERRORS =
  '`model/missing-file`, `model/bad-config`, `model/bad-weights`, `model/unsupported` for a checkpoint that does not do this, `model/bad-input`, `native/out-of-memory`';

export interface ModelSettings {
  readonly model: string;
  readonly precision: 'fp32' | 'bf16' | 'int8';
  readonly backend?: BackendChoice;
  readonly dtype?: OnnxDtype;
}

/** Throws what loading throws, and `model/unsupported` for a checkpoint whose class does other tasks. */
export async function taskOf<Name extends TaskName>(
  services: Pick<Services, 'family'>,
  { model: ref, precision, backend, dtype }: ModelSettings,
  task: Name,
): Promise<{ readonly perform: TaskSignatures[Name]; readonly model: FamilyModel }> {
  const model = await services.family(ref, { precision, backend, dtype });
  const perform = model.tasks[task];
  if (perform === undefined) {
    const does = Object.keys(model.tasks).join(', ');
    const received = `${model.architecture}, which does ${does}`;
    throw new WeftError('model/unsupported', { model: ref, expected: `a model that does ${task}`, received });
  }
  // The signature of this very name; TypeScript does not follow the index into an optional mapped type.
  return { perform: perform as TaskSignatures[Name], model };
}
