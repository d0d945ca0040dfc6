/**
 * A progress bar with a spinner on standard error. Shows nothing when nobody watches (a pipe, a dumb terminal) and
 * nothing for what is done at once. Clears itself before results are printed.
 */
import { printable, type Terminal } from './terminal.ts';

export interface BarState {
  readonly value: number;
  /** 0: not known yet. */
  readonly total: number;
  readonly text: string;
}

/** Shorter work than this shows no bar, milliseconds. */
const PATIENCE = 600;
const FRAME = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export interface ProgressBar {
  stop(): void;
}

/** `state` is asked ten times a second. */
export function showProgress(terminal: Terminal, state: () => BarState, patience = PATIENCE): ProgressBar {
  if (!terminal.isInteractive) return { stop: () => {} };
  let stopped = false;
  let clear = (): void => {};
  const timer = setTimeout(async () => {
    // Loaded only by those who wait.
    const { SingleBar } = await import('cli-progress');
    if (stopped) return;
    const bar = new SingleBar({
      stream: terminal.stderr,
      format: `${terminal.errorColors.cyan('{spinner}')} {bar} {text}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      emptyOnZero: true,
      // Interrupts are the command's own business.
      gracefulExit: false,
    });
    let frame = 0;
    const payload = (): { spinner: string; text: string } => {
      frame += 1;
      return { spinner: SPINNER[frame % SPINNER.length] ?? '', text: printable(state().text) };
    };
    bar.start(Math.max(1, state().total), state().value, payload());
    const redraw = setInterval(() => {
      const { value, total } = state();
      bar.setTotal(Math.max(1, total));
      bar.update(value, payload());
    }, FRAME);
    clear = () => {
      clearInterval(redraw);
      bar.stop();
    };
  }, patience);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      clear();
    },
  };
}
