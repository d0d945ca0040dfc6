/** Lines of benches, as harness/report.ts prints them, into Markdown: a table of pairings for each bench, a list of figures. */

type Line = Readonly<Record<string, unknown>>;

/** Text with a JSON object a line; other lines are skipped. */
export function markdownTables(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const benches = [...new Set(lines.map(({ bench }) => String(bench)))];
  return benches
    .map((bench) =>
      section(
        bench,
        lines.filter((line) => line.bench === bench),
      ),
    )
    .join('\n');
}

function section(bench: string, lines: readonly Line[]): string {
  const pairings = lines.filter(({ ours, peer }) => ours !== undefined && peer !== undefined);
  const leftOut = lines.filter((line) => line.left_out === true);
  const figures = lines.filter((line) => !pairings.includes(line) && !leftOut.includes(line));
  return [
    `### ${bench}`,
    '',
    ...(pairings.length === 0 ? [] : [...HEAD, ...pairings.map(row), '']),
    ...figures.map(figure),
    ...leftOut.map(({ peer, reason }) => `- ${peer} was left out: ${reason}.`),
    '',
  ].join('\n');
}

const HEAD = [
  '| case | ours, ms | peer | peer, ms | speedup | of the floor |',
  '| --- | --- | --- | --- | --- | --- |',
];

/** Median (best), in every column that has both. */
function row(line: Line): string {
  const both = (middle: unknown, best: unknown, unit = '') =>
    middle === undefined ? '' : `${middle}${unit} (${best}${unit})`;
  const share = (value: unknown) => (value === undefined ? undefined : Math.round(100 * Number(value)));
  const cells = [
    line.case,
    both(line.ours_ms, line.ours_best_ms),
    line.peer,
    both(line.peer_ms, line.peer_best_ms),
    both(line.speedup, line.best_speedup, ' x'),
    both(share(line.floor_share), share(line.best_floor_share), ' %'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function figure({ bench: _bench, case: name, machine: _machine, ...rest }: Line): string {
  const facts = Object.entries(rest).map(([key, value]) => `${key.replaceAll('_', ' ')} ${value}`);
  return `- ${name}: ${facts.join(', ')}.`;
}
