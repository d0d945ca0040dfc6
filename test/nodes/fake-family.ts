/** A model of any family for tests of nodes: does the given tasks and notes what it was asked for. */
import { expect } from 'vitest';
import type { BackendSettings } from '../../src/models/backend.ts';
import type { FamilyModel } from '../../src/models/pipelines/family-loader.ts';
import type { TaskOptions, Tasks } from '../../src/models/pipelines/task.ts';
import type { Services } from '../../src/nodes/services.ts';
import type { InputSpecs, InputsOf, NodeDefinition, OutputSpecs } from '../../src/protocol/node.ts';
import type { ParamSpecs } from '../../src/protocol/param.ts';
import type { BoxesValue, FeaturesValue, ImageValue, ScoresValue, TextValue } from '../../src/protocol/value.ts';
import { failure } from '../files/temporary-folder.ts';
import { runNode } from './call-node.ts';

export function familyOf(
  tasks: Tasks,
  more: Partial<FamilyModel> = {},
  asked: [string, BackendSettings][] = [],
): Pick<Services, 'family'> {
  return {
    family: async (ref, settings) => {
      asked.push([ref, settings]);
      return { ref, space: 'trial#1', family: 'trial', architecture: 'TrialModel', tasks, ...more };
    },
  };
}

/** Notes every input and options of a task, and answers with `output`. */
export function noting<Output>(output: Output) {
  const seen: unknown[] = [];
  const options: (TaskOptions | undefined)[] = [];
  const task = async (input: unknown, given?: TaskOptions): Promise<Output> => {
    seen.push(input);
    options.push(given);
    return output;
  };
  return { seen, options, task };
}

/** A checkpoint whose class does something else is told, with what it does. */
export async function refusesOtherModels<P extends ParamSpecs, I extends InputSpecs, O extends OutputSpecs>(
  node: NodeDefinition<Services, P, I, O>,
  inputs: InputsOf<I>,
): Promise<void> {
  const other = familyOf(
    node.type === 'decode/continue'
      ? { 'fill-mask': async () => [] }
      : { 'text-generation': async () => ({ kind: 'Caption', text: '' }) },
  );
  const thrown = await failure(runNode(node, { model: 'a/b' }, inputs, other));
  expect(thrown).toMatchObject({ code: 'model/unsupported' });
  expect(thrown.message).toMatch(/a model that does \S+ in model "a\/b", received TrialModel, which does \S+/);
}

export const text = (words: string, label?: string): TextValue => ({
  kind: 'Text',
  text: words,
  ...(label === undefined ? {} : { label }),
});

export function picture(name?: string): ImageValue {
  const size = { kind: 'Image', data: new Uint8Array(12), width: 2, height: 2 } as const;
  return name === undefined ? size : { ...size, name };
}

export const scores = (...entries: (readonly [string, number])[]): ScoresValue => ({
  kind: 'Scores',
  entries: entries.map(([label, score]) => ({ label, score })),
  normalized: true,
});

/** Two regions of a picture of 10 x 20. */
export const features: FeaturesValue = { kind: 'Features', data: Float32Array.of(1, 2, 3, 4), seq: 2, dim: 2 };
const region = { label: 'thing', score: 1 };
export const boxes: BoxesValue = {
  kind: 'Boxes',
  boxes: [
    { ...region, x: 0, y: 0, width: 5, height: 20 },
    { ...region, x: 5, y: 10, width: 5, height: 10 },
  ],
  imageWidth: 10,
  imageHeight: 20,
};
/** What a task gets for them. */
export const regions = { features, boxes: Float32Array.of(0, 0, 0.5, 1, 0.5, 0.5, 1, 1) };
export const nothingSeen = { image: undefined, features: undefined, boxes: undefined };
