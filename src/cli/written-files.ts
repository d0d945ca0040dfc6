/** Which files the sinks of a run wrote, from its events: the Text that a sink gives out names its file. */
import type { RunEvent } from '../protocol/event.ts';
import type { Run } from '../protocol/run.ts';

/**
 * `nodeTypes`: node id -> type; `sinkTypes`: the types that write files.
 * Returns the files so far, in the order they were written.
 */
export function writtenFiles(
  run: Pick<Run, 'subscribe'>,
  nodeTypes: ReadonlyMap<string, string>,
  sinkTypes: ReadonlySet<string>,
): () => readonly string[] {
  const files: string[] = [];
  run.subscribe((event: RunEvent) => {
    if (event.type !== 'node.output' || event.value.kind !== 'Text') return;
    if (sinkTypes.has(nodeTypes.get(event.node) ?? '')) files.push(event.value.text);
  });
  return () => files;
}
