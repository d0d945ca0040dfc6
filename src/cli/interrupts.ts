/** Ctrl-C and termination as an AbortSignal. A second Ctrl-C stops the process at once. */
import { EXIT } from '../errors.ts';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Gives the signals back to the process. */
  release(): void;
}

export function catchInterrupts(onFirst: () => void): Interrupts {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.cancelled);
    onFirst();
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    release: () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt),
  };
}
