/** How close the outputs of a case come to their references, as lines for a terminal. */
import type { CaseFolder, Outcome } from './outcome.ts';

export function closenessTable({ name, content }: CaseFolder, outcomes: readonly Outcome[]): string[] {
  if (outcomes.length === 0) return [];
  const title = `${name} (${String(content.hf_class)})`;
  const rows = outcomes.map(({ id, closeness }) => {
    const { largest, share, cosine } = closeness!;
    return [id.slice(name.length + 1), largest.toExponential(1), percent(share), cosine.toFixed(6)] as const;
  });
  const header = [title, 'largest error', 'of tolerance', 'cosine'] as const;
  const width = Math.max(title.length, ...rows.map(([output]) => output.length + 2));
  return [header, ...rows.map(([output, ...numbers]) => [`  ${output}`, ...numbers])].map(([first = '', ...numbers]) =>
    [first.padEnd(width), ...numbers.map((number) => number.padStart(14))].join(''),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
