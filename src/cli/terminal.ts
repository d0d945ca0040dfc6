/** The terminal a command writes to: streams, width and colours. Real ones by default, others in tests. */
import type { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** A stream that may be a terminal. */
export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Terminal {
  readonly stderr: TerminalStream;
  /** Colours for results, on standard output. */
  readonly colors: Colors;
  /** Colours for errors and notes, on standard error. */
  readonly errorColors: Colors;
  /** Somebody watches standard error: progress may be drawn there. */
  readonly isInteractive: boolean;
  /** Width of standard output, characters. */
  readonly columns: number;
  /** Writes to standard output. */
  print(text: string): void;
  /** Writes to standard error. */
  printError(text: string): void;
}

const DEFAULT_COLUMNS = 80;

export function makeTerminal(stdout: TerminalStream, stderr: TerminalStream, env: Environment): Terminal {
  return {
    stderr,
    colors: picocolors.createColors(wantsColor(stdout, env)),
    errorColors: picocolors.createColors(wantsColor(stderr, env)),
    isInteractive: stderr.isTTY === true && env.TERM !== 'dumb',
    get columns() {
      return stdout.columns ?? DEFAULT_COLUMNS;
    },
    print: (text) => void stdout.write(text),
    printError: (text) => void stderr.write(text),
  };
}

/** Text from a file or a model on one line, without anything that would steer the terminal. */
export function printable(text: string): string {
  return (
    stripVTControlCharacters(text)
      .replace(/\s+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed.
      .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  );
}

/** https://no-color.org and the usual FORCE_COLOR. */
function wantsColor(stream: TerminalStream, env: Environment): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
