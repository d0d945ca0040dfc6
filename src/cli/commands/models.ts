/** `weft models list|info|pull|convert`: what is here, downloads from the hub, and checkpoints of PyTorch. */
import { resolve } from 'node:path';
import type { PullProgress } from '../../protocol/application.ts';
import type { CheckpointDetails, ModelDetails, ModelInfo } from '../../protocol/model-info.ts';
import type { CommandContext } from '../context.ts';
import { formatBytes } from '../draw/bytes.ts';
import { wrap } from '../draw/columns.ts';
import { drawGrid } from '../draw/grid.ts';
import { joinLines } from '../draw/lines.ts';
import { showProgress } from '../progress-bar.ts';
import { printable } from '../terminal.ts';
import { type JsonOption, printJson, withApplication } from '../with-application.ts';

export interface PullCommandOptions extends JsonOption {
  readonly revision?: string;
  readonly file?: readonly string[];
}

export function modelsListCommand(context: CommandContext, options: JsonOption): Promise<number> {
  return withApplication(context, options, async (application) => {
    const models = await application.models.list();
    return print(context, options, models, () => drawModels(models, context));
  });
}

export function modelsInfoCommand(context: CommandContext, ref: string, options: JsonOption): Promise<number> {
  return withApplication(context, options, async (application) => {
    const model = await application.models.details(ref);
    return print(context, options, model, () => drawModel(model, context));
  });
}

export function modelsPullCommand(context: CommandContext, repo: string, options: PullCommandOptions): Promise<number> {
  return withApplication(context, options, async (application) => {
    let progress: PullProgress | undefined;
    const bar = showProgress(context.terminal, () => pullState(repo, progress));
    const pulled = await application.models
      .pull(repo, {
        signal: context.signal,
        onProgress: (news) => {
          progress = news;
        },
        ...(options.revision === undefined ? {} : { revision: options.revision }),
        ...(options.file === undefined ? {} : { files: options.file }),
      })
      .finally(() => bar.stop());
    const files = `${pulled.files} ${pulled.files === 1 ? 'file' : 'files'}`;
    const { conversion } = pulled;
    return print(context, options, pulled, () => [
      `${repo}: ${files}, ${formatBytes(pulled.bytes)}, in ${pulled.folder}`,
      ...(conversion === undefined ? [] : [`Its safetensors are those of the hub's converter, ${conversion}.`]),
    ]);
  });
}

export interface ConvertCommandOptions extends JsonOption {
  readonly output?: string;
  readonly key?: string;
}

export function modelsConvertCommand(
  context: CommandContext,
  file: string,
  options: ConvertCommandOptions,
): Promise<number> {
  return withApplication(context, options, async (application) => {
    let state = { value: 0, total: 0, text: `reading ${file}` };
    const bar = showProgress(context.terminal, () => state);
    const converted = await application.checkpoints
      .convert(resolve(context.cwd, file), {
        signal: context.signal,
        onProgress: (value, total) => {
          state = { value, total, text: `${formatBytes(value)} of ${formatBytes(total)}` };
        },
        ...(options.output === undefined ? {} : { output: resolve(context.cwd, options.output) }),
        ...(options.key === undefined ? {} : { key: options.key }),
      })
      .finally(() => bar.stop());
    const tensors = `${converted.tensors} ${converted.tensors === 1 ? 'tensor' : 'tensors'}`;
    return print(context, options, converted, () => [
      `${tensors}, ${formatBytes(converted.bytes)}, in ${converted.file}`,
    ]);
  });
}

function print(
  context: CommandContext,
  { json }: JsonOption,
  document: object,
  draw: () => readonly string[],
): undefined {
  if (json === true) printJson(context, document);
  else context.terminal.print(joinLines(draw()));
}

function drawModels(models: readonly ModelInfo[], { terminal }: CommandContext): string[] {
  if (models.length === 0) return [terminal.colors.dim('no models here; `weft models pull REPO` downloads one')];
  const rows = models.map(({ ref, family, source, bytes, dim }) => [
    ref,
    family,
    source,
    formatBytes(bytes),
    dim ?? null,
  ]);
  return drawGrid(['model', 'family', 'from', 'size', 'width'], rows, terminal);
}

function drawModel(model: ModelDetails, { terminal: { colors, columns } }: CommandContext): string[] {
  const { checkpoint } = model;
  const rows: [string, string | undefined][] = [
    ['model', model.ref],
    ['family', checkpoint === undefined ? model.family : `${checkpoint.title} (${model.family})`],
    ['class', checkpoint?.architecture],
    ['tasks', checkpoint?.tasks.join(', ')],
    ['from', model.source],
    ['size', formatBytes(model.bytes)],
    ['weights', checkpoint === undefined ? undefined : drawWeights(checkpoint)],
    ['onnx', checkpoint?.onnx?.join(', ')],
    ['space', model.space],
    ['width', model.dim?.toString()],
    ['picture', model.imageSize?.join(' x ')],
    [
      'graph',
      checkpoint === undefined ? undefined : `weft run graphs/${checkpoint.graph}.json --set model=${model.ref}`,
    ],
    ['paper', checkpoint === undefined ? undefined : `${checkpoint.paper.title}, ${checkpoint.paper.url}`],
    ['problem', model.problem],
    ['sha256', model.hash],
  ];
  const indent = 9;
  return rows.flatMap(([name, value]) => {
    if (value === undefined) return [];
    const lines = wrap(printable(value), Math.max(20, columns - indent));
    return lines.map((line, index) => (index === 0 ? colors.dim(name.padEnd(indent)) : ' '.repeat(indent)) + line);
  });
}

function drawWeights({ parameters, memory }: CheckpointDetails): string | undefined {
  if (parameters === undefined || memory === undefined) return undefined;
  const needs = Object.entries(memory).map(([precision, bytes]) => `${precision} ${formatBytes(bytes)}`);
  return `${formatCount(parameters)} numbers; in memory ${needs.join(', ')}`;
}

/** `86.6 million`, as papers count parameters. */
function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} billion`;
  return count >= 1e6 ? `${(count / 1e6).toPrecision(3)} million` : String(count);
}

function pullState(repo: string, progress: PullProgress | undefined): { value: number; total: number; text: string } {
  if (progress === undefined) return { value: 0, total: 0, text: `asking for ${repo}` };
  const { file, fileIndex, fileCount, bytesDone, bytesTotal } = progress;
  const text = `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}  ${fileIndex + 1}/${fileCount} ${file}`;
  return { value: bytesDone, total: bytesTotal, text };
}
