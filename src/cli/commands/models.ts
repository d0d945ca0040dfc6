/** `weft models list|info|pull`: what is here, and downloads from the hub. */
import type { PullProgress } from '../../protocol/application.ts';
import type { ModelInfo } from '../../protocol/model-info.ts';
import type { CommandContext } from '../context.ts';
import { formatBytes } from '../draw/bytes.ts';
import { drawGrid } from '../draw/grid.ts';
import { joinLines } from '../draw/lines.ts';
import { showProgress } from '../progress-bar.ts';
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
    const model = await application.models.info(ref);
    return print(context, options, model, () => drawModel(model));
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
    return print(context, options, pulled, () => [
      `${repo}: ${files}, ${formatBytes(pulled.bytes)}, in ${pulled.folder}`,
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

function drawModel(model: ModelInfo): string[] {
  const rows: [string, string | undefined][] = [
    ['model', model.ref],
    ['family', model.family],
    ['from', model.source],
    ['size', formatBytes(model.bytes)],
    ['space', model.space],
    ['width', model.dim?.toString()],
    ['picture', model.imageSize?.join(' x ')],
    ['sha256', model.hash],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(8)}${value}`]));
}

function pullState(repo: string, progress: PullProgress | undefined): { value: number; total: number; text: string } {
  if (progress === undefined) return { value: 0, total: 0, text: `asking for ${repo}` };
  const { file, fileIndex, fileCount, bytesDone, bytesTotal } = progress;
  const text = `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}  ${fileIndex + 1}/${fileCount} ${file}`;
  return { value: bytesDone, total: bytesTotal, text };
}
