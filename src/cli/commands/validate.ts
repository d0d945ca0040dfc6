/** `weft validate GRAPH...`: every error of every graph; nothing is run. */
import { EXIT, toWeftError, WeftError } from '../../errors.ts';
import type { Application } from '../../protocol/application.ts';
import type { CommandContext } from '../context.ts';
import { drawError } from '../draw/error.ts';
import { joinLines } from '../draw/lines.ts';
import { graphArgument, graphFolder, readGraph } from '../graph-argument.ts';
import { type JsonOption, printJson, withApplication } from '../with-application.ts';

interface Checked {
  readonly name: string;
  readonly error: WeftError | undefined;
}

/** The exit code of the first graph with errors. */
export function validateCommand(
  context: CommandContext,
  names: readonly string[],
  options: JsonOption,
): Promise<number> {
  const { cwd } = context;
  const folders = names.map((name) => graphFolder(graphArgument(name, cwd))).filter((folder) => folder !== undefined);
  const validateAll = async (application: Application): Promise<number> => {
    const checked: Checked[] = [];
    for (const name of names) checked.push({ name, error: await check(application, name, cwd) });
    if (options.json === true) {
      printJson(
        context,
        checked.map(({ name, error }) => ({ graph: name, errors: listErrors(error) })),
      );
    } else {
      for (const result of checked) print(context, result);
    }
    return checked.find(({ error }) => error !== undefined)?.error?.exit ?? EXIT.ok;
  };
  return withApplication(context, options, validateAll, { bases: [...new Set([cwd, ...folders])] });
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
