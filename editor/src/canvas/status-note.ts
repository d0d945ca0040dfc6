/** The few words in a node's header that tell how its run goes. Pure: draw-node writes them. */
import { duration } from '../run/value-text.ts';
import type { NodeState } from './node-view.ts';
import { INK } from './theme.ts';

type StatusSource = Pick<NodeState, 'run' | 'problem' | 'preview'>;

/** `id` is what a node is called before it ran. */
export function statusNote(id: string, { run, problem, preview }: StatusSource): { text: string; color: string } {
  if (run === undefined) {
    if (problem?.level === 'error') return { text: 'error', color: INK.bad };
    return { text: id, color: '#6f7886' };
  }
  switch (run.status) {
    case 'running': {
      const { progress } = run;
      if (progress?.total !== undefined) return { text: `${progress.done} / ${progress.total}`, color: INK.accent };
      // What is being written is seen below.
      if (progress !== undefined && (preview?.kind === 'text' || preview?.kind === 'trace'))
        return { text: `${progress.done} …`, color: INK.accent };
      return { text: progress?.note ?? 'running', color: INK.accent };
    }
    case 'done':
      return { text: run.milliseconds === undefined ? 'done' : duration(run.milliseconds), color: INK.good };
    case 'cached':
      return { text: 'cached', color: INK.muted };
    case 'failed':
      return { text: run.errors.length > 1 ? `${run.errors.length} failed` : 'failed', color: INK.bad };
    case 'empty':
      return { text: 'nothing came', color: '#6f7886' };
    case 'waiting':
      return { text: 'waiting', color: '#6f7886' };
  }
}
