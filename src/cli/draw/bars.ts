/** Scores as bars: label, bar, number, aligned and as wide as the terminal allows. Pure. */
import type { ScoresValue } from '../../protocol/value.ts';
import { type Colors, printable } from '../terminal.ts';
import { clip, padEnd, padStart, widest } from './columns.ts';

/** A bar grows by eighths of a character. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LONGEST_BAR = 50;
const SHORTEST_BAR = 8;
const MOST_ROWS = 20;

/** Lines, best first; what is left out is counted in a last line. */
export function drawBars({ entries, normalized }: ScoresValue, columns: number, colors: Colors): string[] {
  const shown = entries.slice(0, MOST_ROWS);
  const numbers = shown.map(({ score }) => formatScore(score, normalized));
  const numberWidth = widest(numbers);
  const labels = shown.map(({ label }) => clip(printable(label), Math.max(10, Math.floor(columns * 0.5))));
  const labelWidth = widest(labels);
  const room = columns - labelWidth - numberWidth - 4;
  const barWidth = Math.min(LONGEST_BAR, Math.max(SHORTEST_BAR, room));
  // Similarities have no natural end: the best one fills the bar.
  const full = normalized ? 1 : Math.max(...shown.map(({ score }) => score), Number.MIN_VALUE);
  const lines = shown.map(({ score }, row) => {
    const bar = padEnd(drawBar(score / full, barWidth), barWidth);
    const line = [padEnd(labels[row] ?? '', labelWidth), row === 0 ? colors.green(bar) : colors.cyan(bar)];
    return [...line, padStart(numbers[row] ?? '', numberWidth)].join('  ');
  });
  if (entries.length > shown.length) lines.push(colors.dim(`… ${entries.length - shown.length} more`));
  return lines;
}

/** `fraction` of `width` characters, rounded to an eighth; a score above nothing shows at least one eighth. */
export function drawBar(fraction: number, width: number): string {
  const bounded = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const eighths = Math.max(bounded > 0 ? 1 : 0, Math.round(bounded * width * 8));
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}

function formatScore(score: number, normalized: boolean): string {
  return normalized ? `${(score * 100).toFixed(1)} %` : score.toFixed(4);
}
