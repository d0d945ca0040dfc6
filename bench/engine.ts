/** What the engine does to the process around it: event loop, memory, cancellation, many stacks at once. */
import { measureCancellation } from './engine/cancellation.ts';
import { measureManyStacks } from './engine/many-stacks.ts';
import { measureMemory } from './engine/memory.ts';
import { measureLoopDelay } from './engine/stack-loop-delay.ts';
import { chosen } from './harness/chosen.ts';

const CASES: readonly (readonly [string, () => Promise<void>])[] = [
  ['event loop', measureLoopDelay],
  ['cancellation', measureCancellation],
  ['many stacks', measureManyStacks],
  ['memory', measureMemory],
];

export async function run(): Promise<void> {
  for (const [name, measure] of CASES) if (chosen(name)) await measure();
}
