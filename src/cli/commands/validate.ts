/** `weft validate GRAPH...`: every error of every graph; nothing is run. */
import { EXIT, toWeftError, WeftError } from '../../errors.ts';
import type { Application } from '../../protocol/application.ts';
import type { CommandContext } from '../context.ts';
import { drawError } from '../draw/error.ts';
import { joinLines } from '../draw/lines.ts';
import { graphArgument, graphFolder, readGraph } from '../graph-argument.ts';

export interface ValidateCommandOptions {
  readonly json?: boolean;
}

interface Checked {
  readonly name: string;
  readonly error: WeftError | undefined;
}

/** The exit code of the first graph with errors. */
export async function validateCommand(
  context: CommandContext,
  names: readonly string[],
  options: ValidateCommandOptions,
): Promise<number> {
  const { terminal, cwd } = context;
  const folders = names.map((name) => graphFolder(graphArgument(name, cwd))).filter((folder) => folder !== undefined);
  const application = await context.createApplication({ bases: [...new Set([cwd, ...folders])] });
  try {
    const checked: Checked[] = [];
    for (const name of names) checked.push({ name, error: await check(application, name, cwd) });
    if (options.json === true) {
      const documents = checked.map(({ name, error }) => ({ graph: name, errors: listErrors(error) }));
      terminal.print(`${JSON.stringify(documents, null, 2)}\n`);
    } else {
      for (const result of checked) print(context, result);
    }
    return checked.find(({ error }) => error !== undefined)?.error?.exit ?? EXIT.ok;
  } finally {
    await application.close();
  }
}

async function check(application: Application, name: string, cwd: string): Promise<WeftError | undefined> {
  try {
    const graph = await readGraph(graphArgument(name, cwd), application.graphs);
    const { errors } = await application.runtime.validate(graph);
    return errors.length === 0 ? undefined : new WeftError('graph/invalid', { count: errors.length }, { errors });
  } catch (thrown) {
    return toWeftError(thrown);
  }
}

function listErrors(error: WeftError | undefined): unknown[] {
  if (error === undefined) return [];
  return (error.errors ?? [error]).map((one) => one.toJSON());
}

function print({ terminal }: CommandContext, { name, error }: Checked): void {
  if (error === undefined) {
    terminal.print(`${terminal.colors.green('ok')} ${name}\n`);
    return;
  }
  terminal.printError(
    `${terminal.errorColors.bold(name)}\n${joinLines(drawError(error.toJSON(), terminal.errorColors))}`,
  );
}
