/**
 * What each task must be given and may be given, as data beside its types in task.ts: checked for callers without types,
 * and shown in the documentation.
 */
import type { TaskName, TaskSignatures } from './task.ts';

type KeysOfUnion<T> = T extends unknown ? keyof T : never;

/** What a task's input may have. */
export type FieldOf<Name extends TaskName> = KeysOfUnion<Parameters<TaskSignatures[Name]>[0]>;

export type FieldName = { [Name in TaskName]: FieldOf<Name> }[TaskName];

export interface TaskFields<Field extends string = string> {
  /** One of each group must be given. */
  readonly needs: readonly (readonly Field[])[];
  readonly may?: readonly Field[];
}

export type FieldKind = 'picture' | 'pictures' | 'text' | 'texts' | 'number' | 'regions' | 'settings';

export const FIELD_KINDS: { readonly [Field in FieldName]: FieldKind } = {
  image: 'picture',
  query: 'picture',
  images: 'pictures',
  frames: 'pictures',
  text: 'text',
  question: 'text',
  prompt: 'text',
  texts: 'texts',
  labels: 'texts',
  phrases: 'texts',
  choices: 'texts',
  template: 'text',
  threshold: 'number',
  maxTokens: 'number',
  decoding: 'settings',
  regions: 'regions',
};

const SIGHT = ['image', 'regions'] as const;
const WRITING = ['maxTokens', 'decoding'] as const;

export const TASK_FIELDS: { readonly [Name in TaskName]: TaskFields<FieldOf<Name>> } = {
  'image-feature-extraction': { needs: [['images']] },
  'text-feature-extraction': { needs: [['texts']] },
  'image-classification': { needs: [['image']] },
  'text-classification': { needs: [['text']] },
  'zero-shot-image-classification': { needs: [['image'], ['labels']], may: ['template'] },
  'zero-shot-video-classification': { needs: [['frames'], ['labels']] },
  'image-text-matching': { needs: [SIGHT, ['texts']] },
  'visual-question-answering': { needs: [SIGHT, ['question']], may: WRITING },
  'visual-reasoning': { needs: [['images', 'regions'], ['text']] },
  'fill-mask': { needs: [['text']], may: SIGHT },
  'phrase-grounding': { needs: [['regions'], ['text'], ['phrases']] },
  'multiple-choice': { needs: [SIGHT, ['question'], ['choices']] },
  'image-to-text': { needs: [['image']], may: ['prompt', ...WRITING] },
  'video-to-text': { needs: [['frames']], may: ['prompt', ...WRITING] },
  'image-text-to-text': { needs: [['images'], ['prompt']], may: WRITING },
  'text-generation': { needs: [['prompt']], may: WRITING },
  'zero-shot-object-detection': { needs: [['image'], ['labels']], may: ['threshold'] },
  'image-guided-object-detection': { needs: [['image'], ['query']], may: ['threshold'] },
  'zero-shot-image-segmentation': { needs: [['image'], ['labels']], may: ['threshold'] },
  'image-guided-segmentation': { needs: [['image'], ['query']], may: ['threshold'] },
};

/** In the order of the documentation. */
export const TASK_NAMES = Object.keys(TASK_FIELDS) as readonly TaskName[];

export function isTaskName(name: string): name is TaskName {
  return Object.hasOwn(TASK_FIELDS, name);
}
