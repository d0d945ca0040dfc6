/** `weft run GRAPH`: run a graph, draw or print its results, and say by the exit code how it went. */
import { join, resolve } from 'node:path';
import { ERRORS, EXIT, toWeftError } from '../../errors.ts';
import type { Application } from '../../protocol/application.ts';
import type { Run, RunResult } from '../../protocol/run.ts';
import type { CommandContext } from '../context.ts';
import { drawError, drawFailures } from '../draw/error.ts';
import { joinLines } from '../draw/lines.ts';
import { drawOutputs } from '../draw/outputs.ts';
import { explainRun } from '../explain-run.ts';
import { type GraphArgument, graphArgument, graphBaseName, graphFolder, readGraph } from '../graph-argument.ts';
import { namedPaths } from '../named-paths.ts';
import { showProgress } from '../progress-bar.ts';
import { failedDocument, runDocument } from '../run-document.ts';
import { ProgressFold } from '../run-progress.ts';
import { parseSetValues } from '../set-values.ts';
import { printable } from '../terminal.ts';
import { watchFiles } from '../watch-files.ts';
import { inputPaths } from '../watched-paths.ts';
import { writeTextFile } from '../write-file.ts';
import { writtenFiles } from '../written-files.ts';

export interface RunCommandOptions {
  readonly set?: readonly string[];
  readonly output?: readonly string[];
  readonly root?: readonly string[];
  readonly out?: string;
  /** true: to standard output; a text: into that file. */
  readonly json?: boolean | string;
  /** true: beside the current folder's other files, named after the graph. */
  readonly record?: boolean | string;
  readonly watch?: boolean;
  /** Show why each word was chosen. */
  readonly explain?: boolean;
}

type SetValues = Readonly<Record<string, string | string[]>>;

interface Job {
  readonly context: CommandContext;
  readonly application: Application;
  readonly graph: GraphArgument;
  readonly set: SetValues;
  readonly options: RunCommandOptions;
}

export async function runCommand(context: CommandContext, name: string, options: RunCommandOptions): Promise<number> {
  try {
    const set = parseSetValues(options.set ?? []);
    const graph = graphArgument(name, context.cwd);
    const application = await openApplication(context, graph, set, options);
    try {
      const job = { context, application, graph, set, options };
      return options.watch === true ? await runAgainAndAgain(job) : await runOnce(job);
    } finally {
      await application.close();
    }
  } catch (thrown) {
    await printDocument(context, options, failedDocument(name, thrown));
    throw thrown;
  }
}

function openApplication(
  context: CommandContext,
  graph: GraphArgument,
  set: SetValues,
  { root = [], out }: RunCommandOptions,
): Promise<Application> {
  const { cwd } = context;
  return context.createApplication({
    bases: basesOf(graph, cwd),
    roots: [...root.map((folder) => resolve(cwd, folder)), ...namedPaths(set, cwd)],
    ...(out === undefined ? {} : { outputFolder: resolve(cwd, out) }),
  });
}

/** Relative sources: from where the person stands, then from where the graph lies. */
function basesOf(graph: GraphArgument, cwd: string): string[] {
  const folder = graphFolder(graph);
  return folder === undefined || folder === cwd ? [cwd] : [cwd, folder];
}

/** Until Ctrl-C; an error in the graph is shown and waits for the next change like anything else. */
async function runAgainAndAgain(job: Job): Promise<number> {
  const { context, graph, application, set } = job;
  const { signal, terminal, cwd } = context;
  for (;;) {
    const known = graph.path === undefined ? [] : [graph.path];
    const current = await readGraph(graph, application.graphs).catch(() => undefined);
    const inputs = current === undefined ? [] : inputPaths(current, set, application.nodes, basesOf(graph, cwd));
    // Begins before the run, so that a change while it runs is not missed.
    const files = watchFiles([...known, ...inputs]);
    try {
      const code = await runOnce(job).catch(async (thrown: unknown) => {
        await printDocument(context, job.options, failedDocument(graph.name, thrown));
        terminal.printError(joinLines(drawError(toWeftError(thrown).toJSON(), terminal.errorColors)));
        return toWeftError(thrown).exit;
      });
      if (code === EXIT.cancelled) return code;
      if (terminal.isInteractive) terminal.printError(terminal.errorColors.dim('waiting for a change (Ctrl-C ends)\n'));
      await files.changed(signal);
      if (signal.aborted) return EXIT.ok;
    } finally {
      files.close();
    }
  }
}

async function runOnce({ context, application, graph, set, options }: Job): Promise<number> {
  const { signal } = context;
  const parsed = await readGraph(graph, application.graphs);
  const run = application.runtime.start(parsed, {
    set,
    signal,
    ...(options.output === undefined ? {} : { outputs: options.output }),
  });
  const sinks = new Set(application.nodes.filter((node) => node.sink === true).map((node) => node.type));
  const files = writtenFiles(run, (node) => sinks.has(parsed.nodes[node]?.type ?? ''));
  const explanations = options.explain === true ? explainRun(run, context.terminal) : undefined;
  const result = await followRun(context, run);
  await record(context, graph, options, result);
  await printDocument(context, options, runDocument(parsed.name, result));
  if (options.json !== true) drawResult(context, result, files(), options.out);
  explanations?.print();
  printProblems(context, result);
  return exitCode(result);
}

/** Partial when something was made; when nothing was, the code of the first failure: a missing file is an input error. */
function exitCode({ error, failures, outputs }: RunResult): number {
  if (error !== undefined) return error.exit;
  const [first] = failures;
  if (first === undefined) return EXIT.ok;
  const lists = Object.values(outputs);
  const nothing = lists.length > 0 && lists.every((items) => items.length === 0);
  return nothing ? ERRORS[first.error.code].exit : EXIT.partial;
}

async function followRun({ terminal }: CommandContext, run: Run): Promise<RunResult> {
  const fold = new ProgressFold();
  const unsubscribe = run.subscribe((event) => fold.add(event));
  const bar = showProgress(terminal, () => {
    const { finished, total, activity } = fold.state;
    return { value: finished, total, text: `${finished}/${total} nodes  ${activity}` };
  });
  try {
    return await run.result;
  } finally {
    bar.stop();
    unsubscribe();
  }
}

function drawResult(
  { terminal }: CommandContext,
  { outputs }: RunResult,
  files: readonly string[],
  folder: string | undefined,
): void {
  const { colors, columns } = terminal;
  terminal.print(joinLines(drawOutputs(outputs, { colors, columns })));
  terminal.print(joinLines(files.map((file) => `${colors.dim('wrote')} ${printable(join(folder ?? '', file))}`)));
}

function printProblems({ terminal }: CommandContext, { failures, error }: RunResult): void {
  const { errorColors } = terminal;
  // When nothing is left, the run's error is that of a failed item: it is told once.
  const isFailure = failures.some((failure) => failure.error.message === error?.message);
  if (failures.length > (isFailure ? 1 : 0)) terminal.printError(joinLines(drawFailures(failures, errorColors)));
  if (error !== undefined && !(isFailure && failures.length > 1)) {
    terminal.printError(joinLines(drawError(error.toJSON(), errorColors)));
  }
}

async function printDocument(
  { terminal, cwd }: CommandContext,
  { json }: RunCommandOptions,
  document: object,
): Promise<void> {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (json === true) terminal.print(text);
  if (typeof json === 'string') await writeTextFile(resolve(cwd, json), text, json);
}

/** The lock: what ran, exactly, so that a later run can be compared with it. Holds no time, so equal runs give equal files. */
async function record(
  { cwd }: CommandContext,
  graph: GraphArgument,
  options: RunCommandOptions,
  result: RunResult,
): Promise<void> {
  if (options.record === undefined || options.record === false) return;
  const name = typeof options.record === 'string' ? options.record : `${graphBaseName(graph)}.lock.json`;
  await writeTextFile(resolve(cwd, name), `${JSON.stringify(result.record, null, 2)}\n`, name);
}
