/**
 * `weft run --explain`: what the nodes of a run tell about why they chose each word, whatever outputs the graph has. It goes to
 * standard error, and only where somebody watches: results in a pipe stay as they are.
 */
import { type DecodingTrace, readDecodingTrace } from '../protocol/decoding-trace.ts';
import type { RunEvent } from '../protocol/event.ts';
import type { Run } from '../protocol/run.ts';
import { drawDecodingTrace } from './draw/decoding-trace.ts';
import { joinLines } from './draw/lines.ts';
import { printable, type Terminal } from './terminal.ts';

type Explained = Pick<Terminal, 'isInteractive' | 'errorColors' | 'columns' | 'printError'>;

/** Listens from now on; `print` shows what was told until then. */
export function explainRun(run: Pick<Run, 'subscribe'>, terminal: Explained): { readonly print: () => void } {
  const told: { readonly name: string; readonly trace: DecodingTrace }[] = [];
  run.subscribe((event: RunEvent) => {
    if (event.type !== 'node.output' || event.value.kind !== 'Table') return;
    const trace = readDecodingTrace(event.value);
    if (trace !== undefined) told.push({ name: [event.node, event.item?.key].filter(Boolean).join(' '), trace });
  });
  return {
    print() {
      if (!terminal.isInteractive) return;
      const { errorColors: colors, columns } = terminal;
      for (const { name, trace } of told) {
        const lines = ['', colors.underline(printable(name)), ...drawDecodingTrace(trace, { colors, columns })];
        terminal.printError(joinLines(lines));
      }
    },
  };
}
