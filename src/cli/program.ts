/**
 * The command line's grammar: commands, arguments, options. Parses and prints help; does no work itself.
 * Usage errors become `usage/bad-argument` with the nearest known word.
 */
import { Command, CommanderError, Option } from 'commander';
import { EXIT, WeftError } from '../errors.ts';
import type { ConvertCommandOptions, PullCommandOptions } from './commands/models.ts';
import type { RunCommandOptions } from './commands/run.ts';
import type { ServeCommandOptions } from './commands/serve.ts';
import type { CommandContext } from './context.ts';
import type { Terminal } from './terminal.ts';
import type { JsonOption } from './with-application.ts';

export type Work = (context: CommandContext) => Promise<number>;

/** The work that was asked for, or the exit code when there is none (help and version were printed). */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  terminal: Terminal,
): Promise<Work | number> {
  let work: Work | undefined;
  const program = buildProgram(version, terminal, (chosen) => {
    work = chosen;
  });
  try {
    if (argv.length === 0) {
      terminal.printError(program.helpInformation());
      return EXIT.usage;
    }
    await program.parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return EXIT.ok;
    // `weft models` without a command: its help was printed.
    if (thrown.code === 'commander.help') return EXIT.usage;
    throw usageError(thrown, argv);
  }
  return work ?? EXIT.ok;
}

export function buildProgram(version: string, terminal: Terminal, choose: (work: Work) => void): Command {
  const program = new Command('weft')
    .description('Compose and run vision-language models.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.printError(text),
      // Said once, in the house's words, by whoever catches the error.
      outputError: () => {},
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    });
  addRun(program, choose);
  addServe(program, choose);
  addValidate(program, choose);
  addNodes(program, choose);
  addModels(program, choose);
  addDoctor(program, choose);
  return program;
}

function addRun(program: Command, choose: (work: Work) => void): void {
  program
    .command('run')
    .summary('run a graph and show its results')
    .description('Run a graph and show its results. GRAPH is a file, or the name of a graph of the gallery.')
    .argument('[graph]', 'graph file or gallery name')
    .addOption(many('-s, --set <name=value>', 'value for an input of the graph; again for another, or for a list'))
    .addOption(many('--output <name>', 'make only this output of the graph; again for more'))
    .addOption(many('--root <folder>', 'let the graph read files in this folder; again for more'))
    .option('-o, --out <folder>', 'write result files here')
    .option('--json [file]', 'print results as one JSON document, or write it into a file')
    .option('--record [file]', 'write a lock: node versions, parameters and model hashes of this run')
    .option('--explain', 'show why each word was chosen: the candidates of every step and their scores')
    .option('-w, --watch', 'run again whenever the graph or a file it reads changes')
    .action((graph: string | undefined, options: RunCommandOptions, command: Command) => {
      const { name, rest } = graphBeforeFile(graph, options, command);
      choose(async (context) => (await import('./commands/run.ts')).runCommand(context, name, rest));
    });
}

function addServe(program: Command, choose: (work: Work) => void): void {
  program
    .command('serve')
    .summary('serve the editor and the API')
    .description('Serve the editor and the API on this machine until Ctrl-C.')
    .option('-p, --port <number>', 'port; 0 picks a free one (default: 7878)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, this machine only)')
    .option('--token <text>', 'token that every request must carry (default: $WEFT_TOKEN, or a random one)')
    .addOption(many('--root <folder>', 'let graphs read files in this folder; again for more'))
    .option('-o, --out <folder>', 'write result files here')
    .addOption(many('--allow-origin <origin>', 'let pages of this origin use the API; again for more'))
    .addOption(many('--allow-host <name>', 'answer to this host name too; again for more'))
    .option('--open', 'open the editor in the browser')
    .action((options: ServeCommandOptions) => {
      choose(async (context) => (await import('./commands/serve.ts')).serveCommand(context, options));
    });
}

function addValidate(program: Command, choose: (work: Work) => void): void {
  program
    .command('validate')
    .summary('check graphs without running them')
    .description('Check graphs and tell every error at once. Nothing is run.')
    .argument('<graph...>', 'graph files or gallery names')
    .option('--json', 'print the errors as JSON')
    .action((graphs: string[], options: JsonOption) => {
      choose(async (context) => (await import('./commands/validate.ts')).validateCommand(context, graphs, options));
    });
}

function addNodes(program: Command, choose: (work: Work) => void): void {
  program
    .command('nodes')
    .summary('list node types, or describe one')
    .description('List every node type, or describe one: inputs, outputs, parameters.')
    .argument('[type]', 'a node type, as head/zero-shot')
    .option('--json', 'print as JSON')
    .action((type: string | undefined, options: JsonOption) => {
      choose(async (context) => (await import('./commands/nodes.ts')).nodesCommand(context, type, options));
    });
}

function addModels(program: Command, choose: (work: Work) => void): void {
  const models = program
    .command('models')
    .summary('list, inspect, download and convert models')
    .description('Models: what is here, downloads, and checkpoints of PyTorch.');
  models
    .command('list')
    .description('List the models that are here.')
    .option('--json', 'print as JSON')
    .action((options: JsonOption) => {
      choose(async (context) => (await import('./commands/models.ts')).modelsListCommand(context, options));
    });
  models
    .command('info')
    .description('Describe a model: family, size, embedding space.')
    .argument('<model>', 'as graphs name it: zoo/clip-shapes, openai/clip-vit-base-patch32, a path')
    .option('--json', 'print as JSON')
    .action((ref: string, options: JsonOption) => {
      choose(async (context) => (await import('./commands/models.ts')).modelsInfoCommand(context, ref, options));
    });
  models
    .command('pull')
    .description('Download a model from the hub into the cache that Python shares (HF_HOME, HF_TOKEN, HF_ENDPOINT).')
    .argument('<repository>', 'owner/name on the hub')
    .option('-r, --revision <name>', 'branch, tag or commit')
    .addOption(many('--file <name>', 'only this file; again for more'))
    .option('--json', 'print as JSON')
    .action((repo: string, options: PullCommandOptions) => {
      choose(async (context) => (await import('./commands/models.ts')).modelsPullCommand(context, repo, options));
    });
  models
    .command('convert')
    .description('Convert a PyTorch checkpoint to model.safetensors. Nothing in it is executed.')
    .argument('<file>', 'a .bin, .pt or .pth file as torch.save writes it')
    .option('-o, --output <folder>', 'where model.safetensors is put; its own folder when left out')
    .option('-k, --key <name>', 'the entry that holds the tensors: state_dict, model, …')
    .option('--json', 'print as JSON')
    .action((file: string, options: ConvertCommandOptions) => {
      choose(async (context) => (await import('./commands/models.ts')).modelsConvertCommand(context, file, options));
    });
}

function addDoctor(program: Command, choose: (work: Work) => void): void {
  program
    .command('doctor')
    .summary('describe this machine and installation')
    .description('Describe this machine and installation: processor, kernels, measured speed, memory, caches.')
    .option('--json', 'print as JSON')
    .action((options: JsonOption) => {
      choose(async (context) => (await import('./commands/doctor.ts')).doctorCommand(context, options));
    });
}

function many(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] = []) => [
    ...before,
    value,
  ]);
}

/**
 * `weft run --json graph.json`: the optional file name of --json (or --record) would swallow the graph.
 * When no graph is left, it was meant as the graph.
 */
function graphBeforeFile(
  graph: string | undefined,
  options: RunCommandOptions,
  command: Command,
): { name: string; rest: RunCommandOptions } {
  if (graph !== undefined) return { name: graph, rest: options };
  if (typeof options.json === 'string') return { name: options.json, rest: { ...options, json: true } };
  if (typeof options.record === 'string') return { name: options.record, rest: { ...options, record: true } };
  return command.error("error: missing required argument 'graph'", { code: 'commander.missingArgument' });
}

/** Commander's sentence, taken apart: what was expected, what came, and its suggestion. */
function usageError({ code, message }: CommanderError, argv: readonly string[]): WeftError {
  const [first = '', ...hints] = message.replace(/^error: /, '').split('\n');
  const received = [first, ...hints].join(' ').trim();
  const expected: Record<string, string> = {
    'commander.unknownOption': 'a known option',
    'commander.unknownCommand': 'a known command',
    'commander.missingArgument': 'every argument',
    'commander.missingMandatoryOptionValue': 'every option',
    'commander.optionMissingArgument': 'a value after the option',
    'commander.invalidArgument': 'a valid value',
    'commander.excessArguments': 'no further argument',
  };
  return new WeftError('usage/bad-argument', {
    expected: expected[code] ?? 'a valid command line',
    received,
    command: code === 'commander.unknownCommand' ? '' : (argv.find((word) => !word.startsWith('-')) ?? ''),
  });
}
