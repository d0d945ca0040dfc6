/**
 * The entry of the command line: runs one command and returns its exit code. Never throws, never exits the process.
 * What a command needs is loaded when it is called, so that `weft --help` answers at once.
 */
import { EXIT, toWeftError, type WeftError } from '../errors.ts';
import type { CommandContext, CreateApplication } from './context.ts';
import { drawError } from './draw/error.ts';
import { joinLines } from './draw/lines.ts';
import { catchInterrupts } from './interrupts.ts';
import { packageVersion } from './package-version.ts';
import { parseCommandLine } from './program.ts';
import { type Environment, makeTerminal, type Terminal, type TerminalStream } from './terminal.ts';

export interface CliOptions {
  readonly createApplication: CreateApplication;
  /** The process's own when left out, as all that follow. */
  readonly stdout?: TerminalStream;
  readonly stderr?: TerminalStream;
  readonly env?: Environment;
  readonly cwd?: string;
  /** Stands in for Ctrl-C. */
  readonly signal?: AbortSignal;
}

/** `argv` without the node binary and the script. */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const { stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const terminal = makeTerminal(stdout, stderr, env);
  stopQuietlyWhenNobodyReads(stdout);
  try {
    const parsed = await parseCommandLine(argv, packageVersion(), terminal);
    if (typeof parsed === 'number') return parsed;
    return await withInterrupts(terminal, options.signal, (signal) => {
      const context: CommandContext = {
        terminal,
        env,
        cwd: options.cwd ?? process.cwd(),
        signal,
        createApplication: options.createApplication,
      };
      return parsed(context);
    });
  } catch (thrown) {
    const error = toWeftError(thrown);
    terminal.printError(joinLines(drawError(error.toJSON(), terminal.errorColors)));
    if (error.code === 'internal') terminal.printError(`${causeOf(error)}\n`);
    return error.exit;
  }
}

async function withInterrupts(
  terminal: Terminal,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  if (given !== undefined) return work(given);
  const interrupts = catchInterrupts(() => {
    if (terminal.isInteractive) terminal.printError(terminal.errorColors.dim('\nstopping (again to stop at once)\n'));
  });
  try {
    return await work(interrupts.signal);
  } finally {
    interrupts.release();
  }
}

/** `weft nodes | head` closes the pipe before everything is written: that is no error. */
function stopQuietlyWhenNobodyReads(stdout: TerminalStream): void {
  if (stdout !== process.stdout) return;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.internal);
  });
}

/** On a person's own machine the log of a defect is the terminal. */
function causeOf({ cause }: WeftError): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
