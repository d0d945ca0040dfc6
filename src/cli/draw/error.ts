/** An error as lines of text: code, place, message, remedy, and every error of an invalid graph. Pure. */
import type { ErrorShape } from '../../errors.ts';
import type { Failure } from '../../protocol/run.ts';
import { type Colors, printable } from '../terminal.ts';

export function drawError(error: ErrorShape, colors: Colors): string[] {
  return [
    `${colors.red(colors.bold('error'))} ${colors.bold(error.code)}${place(error, colors)}`,
    ...body(error, '  ', colors),
    ...(error.errors ?? []).flatMap((one, index) => [
      '',
      `  ${index + 1}. ${colors.bold(one.code)}${place(one, colors)}`,
      ...body(one, '     ', colors),
    ]),
  ];
}

/** Items that failed while others went on. */
export function drawFailures(failures: readonly Failure[], colors: Colors): string[] {
  const count = `${failures.length} ${failures.length === 1 ? 'item' : 'items'} failed`;
  return [
    colors.yellow(count),
    ...failures.flatMap(({ node, item, error }) => [
      `  ${colors.bold(error.code)}${place({ node, ...(item === undefined ? {} : { item: item.key }) }, colors)}`,
      ...body(error, '    ', colors),
    ]),
  ];
}

function body(error: ErrorShape, indent: string, colors: Colors): string[] {
  const lines = [indent + printable(error.message)];
  if (error.cause !== undefined && error.cause.message !== error.message) {
    lines.push(`${indent}because: ${printable(error.cause.message)}`);
  }
  if (error.remedy !== '') lines.push(`${indent}${colors.cyan('→')} ${printable(error.remedy)}`);
  return lines;
}

function place({ node, socket, item }: Pick<ErrorShape, 'node' | 'socket' | 'item'>, colors: Colors): string {
  const where = [node, socket].filter((part) => part !== undefined).join('.');
  const of = item === undefined ? '' : printable(item);
  return [where, of]
    .filter((part) => part !== '')
    .map((part) => colors.dim(`  ${part}`))
    .join('');
}
