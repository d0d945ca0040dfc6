/** What nodes that write texts share: how long, and how the text is shown while it is written. */
import type { TaskOptions } from '../models/pipelines/task.ts';
import type { NodeContext } from '../protocol/node.ts';
import type { ParamSpecs } from '../protocol/param.ts';

export const writingParams = {
  maxTokens: {
    kind: 'number',
    doc: "Most tokens that are written; left out: the checkpoint's own number.",
    optional: true,
    min: 1,
    max: 4096,
    integer: true,
    advanced: true,
  },
} as const satisfies ParamSpecs;

/** Progress with all that is written so far: some reports may be dropped, so none tells a piece alone. */
export function whileWriting(
  { signal, progress }: Pick<NodeContext<unknown>, 'signal' | 'progress'>,
  maxTokens: number | undefined,
): TaskOptions {
  let pieces = 0;
  let text = '';
  const onText = (piece: string): void => {
    text += piece;
    pieces += 1;
    // Pieces are tokens at least: the last of them may come early, but never after the total.
    progress(pieces, maxTokens === undefined ? undefined : Math.max(maxTokens, pieces), text);
  };
  return { signal, onText };
}

/** Left out where nobody gave a number, as tasks want it. */
export function writingOf({ maxTokens }: { readonly maxTokens: number | undefined }): { maxTokens?: number } {
  return maxTokens === undefined ? {} : { maxTokens };
}
