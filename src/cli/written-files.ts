/** Which files the sinks of a run wrote, from its events: a sink notes the name of each file it has written. */
import type { RunEvent } from '../protocol/event.ts';
import type { Run } from '../protocol/run.ts';

/** `isSink`: by node id. Returns the names inside the output folder so far, in the order they were written. */
export function writtenFiles(run: Pick<Run, 'subscribe'>, isSink: (node: string) => boolean): () => readonly string[] {
  const files: string[] = [];
  run.subscribe((event: RunEvent) => {
    if (event.type === 'node.progress' && event.note !== undefined && isSink(event.node)) files.push(event.note);
  });
  return () => files;
}
