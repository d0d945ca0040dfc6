/** What short commands share: an application for as long as they need it, and errors as JSON where JSON was asked for. */
import { EXIT, toWeftError } from '../errors.ts';
import type { Application } from '../protocol/application.ts';
import type { ApplicationOptions, CommandContext } from './context.ts';

export interface JsonOption {
  readonly json?: boolean;
}

/** `work` may return an exit code. The error is thrown on, so that it is also told on standard error. */
export async function withApplication(
  context: CommandContext,
  { json }: JsonOption,
  work: (application: Application) => Promise<number | undefined>,
  options: ApplicationOptions = { bases: [context.cwd] },
): Promise<number> {
  try {
    const application = await context.createApplication(options);
    try {
      return (await work(application)) ?? EXIT.ok;
    } finally {
      await application.close();
    }
  } catch (thrown) {
    if (json === true) printJson(context, { error: toWeftError(thrown).toJSON() });
    throw thrown;
  }
}

export function printJson({ terminal }: CommandContext, document: unknown): void {
  terminal.print(`${JSON.stringify(document, null, 2)}\n`);
}
