/** Runs a saved graph of graphs/ as a user would: through the application, its files and its runtime. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ApplicationOptions, createApplication } from '../../src/app.ts';
import type { ParamValue } from '../../src/protocol/param.ts';
import type { OutputItem, RunResult } from '../../src/protocol/run.ts';
import type { SocketKind } from '../../src/protocol/socket.ts';
import type { ValueOf } from '../../src/protocol/value.ts';
import { temporaryFolder } from '../files/temporary-folder.ts';

export const repositoryRoot = join(import.meta.dirname, '../..');
export const graphsFolder = join(repositoryRoot, 'graphs');

/** Reference data beside the repository, absent in a lone clone. */
export const sharedFolder = join(repositoryRoot, '../shared');
export const hasShared = existsSync(join(sharedFolder, 'real'));

export function readGraph(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(graphsFolder, `${name}.json`), 'utf8'));
}

/** What was really drawn on the pictures of graphs/examples. */
export interface ExampleScene {
  readonly file_name: string;
  readonly captions: readonly string[];
  readonly objects: readonly {
    readonly shape: string;
    readonly colour: string;
    /** Left, top, width, height as shares of the picture. */
    readonly box: readonly [number, number, number, number];
  }[];
}

export function exampleScenes(): readonly ExampleScene[] {
  return JSON.parse(readFileSync(join(graphsFolder, 'examples/scenes.json'), 'utf8'));
}

export interface GraphRun extends ApplicationOptions {
  readonly set?: Readonly<Record<string, ParamValue>>;
  readonly outputs?: readonly string[];
}

export async function runGraph(name: string, { set = {}, outputs, ...options }: GraphRun = {}): Promise<RunResult> {
  const application = await createApplication({
    bases: [graphsFolder],
    cacheFolder: temporaryFolder(),
    hubFolder: temporaryFolder(),
    onnxWorkers: 1,
    ...options,
  });
  onTestFinished(() => application.close());
  return application.runtime.start(readGraph(name), outputs === undefined ? { set } : { set, outputs }).result;
}

/** The values of an output by item key; fails on anything but a finished run and the kind asked for. */
export function valuesOf<K extends SocketKind>(result: RunResult, output: string, kind: K): Map<string, ValueOf<K>> {
  if (result.status !== 'finished') throw result.error ?? new Error(`the run ${result.status}`);
  const items: readonly OutputItem[] = result.outputs[output] ?? [];
  return new Map(
    items.map(({ item, value }) => {
      if (value.kind !== kind) throw new Error(`expected ${kind} at ${output}, received ${value.kind}`);
      return [item?.key ?? '', value as ValueOf<K>];
    }),
  );
}

export function failuresOf(result: RunResult): string[] {
  return result.failures.map(({ node, item, error }) => `${node} ${item?.key ?? ''} ${error.code}`);
}
