/**
 * A model as one function: `const answer = await load(REF); await answer({ image, question })`. Finds the model as
 * `weft models` does, takes pictures in any form. Without the runtime: nothing is cached, batched or told by events.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import type { BackendSettings } from '../backend.ts';
import { weftCacheFolder } from '../cache-folder.ts';
import { packageFolder } from '../package-folder.ts';
import { ModelStore } from '../store.ts';
import { usePackedCacheByDefault } from '../weights/packed-cache.ts';
import type { FamilyDefinition } from './family.ts';
import { openFamily } from './open-family.ts';
import { readTaskInput, type WithPictures } from './read-task-input.ts';
import type { Task, TaskName, TaskOptions, TaskSignatures } from './task.ts';
import type { FieldOf } from './task-fields.ts';

export type TaskInput<Name extends TaskName> = WithPictures<Parameters<TaskSignatures[Name]>[0]>;
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<TaskSignatures[Name]>>;

type AnyTaskInput = { [Name in TaskName]: TaskInput<Name> }[TaskName];

/** What the tasks give that take such an input: where the task is not named, its input tells what comes out. */
export type OutputFor<Input> = {
  [Name in TaskName]: Input extends TaskInput<Name>
    ? keyof Input extends FieldOf<Name>
      ? TaskOutput<Name>
      : never
    : never;
}[TaskName];

export interface LoadOptions<Name extends TaskName = TaskName> extends BackendSettings {
  /** One of those that the checkpoint does; its first when left out. */
  readonly task?: Name;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
  /** Default: HF_HUB_CACHE, HF_HOME or ~/.cache/huggingface/hub, as in Python. */
  readonly hubFolder?: string;
  /** Hashes and packed weights. Default: WEFT_CACHE or ~/.cache/weft; `createApplication` decides where there is one. */
  readonly cacheFolder?: string;
  /** Default: those of Weft. */
  readonly families?: readonly FamilyDefinition[];
}

interface LoadedModel {
  /** How it was named. */
  readonly model: string;
  /** Name of the family. */
  readonly family: string;
  /** The class that config.json names. */
  readonly architecture: string;
  /** What the checkpoint does. */
  readonly tasks: readonly TaskName[];
  /** Lets go of the weights; calls under way keep them until they end, later ones are `native/released`. */
  release(): void;
}

/** A model that does one task. Throws what the task throws, and `model/bad-input` for an input it cannot take. */
export interface TaskFunction<Name extends TaskName> extends LoadedModel {
  (input: TaskInput<Name>, options?: TaskOptions): Promise<TaskOutput<Name>>;
  readonly task: Name;
}

/** A model that does its first task. */
export interface ModelFunction extends LoadedModel {
  <Input extends AnyTaskInput>(input: Input, options?: TaskOptions): Promise<OutputFor<Input>>;
  readonly task: TaskName;
}

/**
 * Loads a model of the zoo (`zoo/NAME`), of the hub's cache (`owner/name`, as `weft models pull` keeps it) or of a folder.
 * Throws `model/not-found`, `input/not-found`, `model/unsupported` for a family, class or task that is not there, and
 * `model/missing-file`, `model/bad-config`, `model/bad-weights`, `native/out-of-memory`, `run/cancelled`.
 */
export function load<Name extends TaskName>(
  ref: string,
  options: LoadOptions<Name> & { readonly task: Name },
): Promise<TaskFunction<Name>>;
export function load(ref: string, options?: LoadOptions): Promise<ModelFunction>;
export async function load(ref: string, options: LoadOptions = {}): Promise<ModelFunction> {
  const { backend, precision, dtype, signal, hubFolder, cacheFolder = weftCacheFolder(), families } = options;
  const store = new ModelStore({
    zooFolder: join(packageFolder, 'models', 'zoo'),
    cacheFolder,
    locate: realPathOf,
    ...(hubFolder === undefined ? {} : { hubFolder }),
  });
  usePackedCacheByDefault({ cacheFolder });
  const { definition, architecture, tasks, loaded } = await openFamily(await store.folder(ref), {
    model: ref,
    ...{ backend, precision, dtype, signal },
    ...(families === undefined ? {} : { families }),
  });
  const task = options.task ?? tasks[0]!;
  const perform = loaded.tasks[task] as Task<unknown, unknown> | undefined;
  if (perform === undefined) {
    loaded.release();
    const expected = `a task that it does (${tasks.join(', ')})`;
    throw new WeftError('model/unsupported', { model: ref, expected, received: `"${task}"` });
  }
  let isReleased = false;
  const call = async (input: unknown, callOptions: TaskOptions = {}): Promise<unknown> => {
    if (isReleased) throw new WeftError('native/released', { what: `the model "${ref}"` });
    return perform(await readTaskInput(task, input, { model: ref, signal: callOptions.signal }), callOptions);
  };
  const release = (): void => {
    isReleased = true;
    loaded.release();
  };
  const facts = { model: ref, family: definition.name, architecture, tasks, task, release };
  return Object.assign(call, facts) as unknown as ModelFunction;
}

/** A program names its own files: any folder will do. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch((thrown: NodeJS.ErrnoException) => {
    throw new WeftError('input/not-found', { path, base: process.cwd() }, { cause: thrown });
  });
}
