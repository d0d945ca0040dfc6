/** Draws one step of decoding: the text around its word, and each candidate with a bar for every reason. Changes nothing. */
import { reasonsOf, shareOf, type TracePage, tokenText } from '../run/trace-pages.ts';
import { fitText, roundedRect, textWidth, write } from './draw-text.ts';
import { MAX_CANDIDATES, type Rect, TRACE_ROW, TRACE_TOP } from './node-geometry.ts';
import { font, INK, REASON_COLORS } from './theme.ts';

const TOKEN_WIDTH = 58;
const SCORE_WIDTH = 34;
const GAP = 6;

export function drawTrace(context: CanvasRenderingContext2D, page: TracePage, rect: Rect): void {
  drawWritten(context, page, { ...rect, x: rect.x + 8, y: rect.y + 5, width: rect.width - 16, height: 20 });
  const { candidates } = page;
  const reasons = reasonsOf(candidates);
  const left = rect.x + 8 + TOKEN_WIDTH;
  const bar = (rect.width - 16 - TOKEN_WIDTH - SCORE_WIDTH) / Math.max(1, reasons.length);
  const heading = { font: font(9, 500), color: INK.muted };
  reasons.forEach(({ short }, column) => {
    write(context, short, left + column * bar, rect.y + TRACE_TOP - 9, { ...heading, width: bar - 2 });
  });
  const right = rect.x + rect.width - 8;
  write(context, 'score', right, rect.y + TRACE_TOP - 9, { ...heading, align: 'right' });
  candidates.slice(0, MAX_CANDIDATES).forEach((candidate, row) => {
    const y = rect.y + TRACE_TOP + row * TRACE_ROW;
    const middle = y + TRACE_ROW / 2;
    if (candidate.chosen) {
      roundedRect(context, rect.x + 3, y + 1, rect.width - 6, TRACE_ROW - 2, 4);
      context.fillStyle = `${INK.accent}38`;
      context.fill();
    }
    const style = candidate.chosen ? { weight: 600, color: '#ffffff' } : { weight: 450, color: INK.soft };
    write(context, tokenText(candidate.text), rect.x + 8, middle, {
      font: font(11.5, style.weight),
      color: style.color,
      width: TOKEN_WIDTH - GAP,
    });
    reasons.forEach(({ name }, column) => {
      const share = shareOf(candidate, name, candidates);
      drawBar(context, share, REASON_COLORS[name], {
        x: left + column * bar,
        y: middle - 3,
        width: bar - GAP,
        height: 6,
      });
    });
    const value = { font: font(10.5, style.weight), color: style.color, align: 'right' } as const;
    write(context, candidate.score.toFixed(3), right, middle, value);
  });
  const more = candidates.length - MAX_CANDIDATES;
  if (more <= 0) return;
  const y = rect.y + TRACE_TOP + (MAX_CANDIDATES + 0.5) * TRACE_ROW - 1;
  write(context, `and ${more} more`, rect.x + 8, y, { font: font(10.5), color: INK.muted });
}

/** A dash where the number was not computed. */
function drawBar(context: CanvasRenderingContext2D, share: number | undefined, color: string, rect: Rect): void {
  if (share === undefined) {
    write(context, '–', rect.x, rect.y + rect.height / 2, { font: font(10.5), color: INK.muted });
    return;
  }
  roundedRect(context, rect.x, rect.y, rect.width, rect.height, 3);
  context.fillStyle = '#262c36';
  context.fill();
  if (share <= 0) return;
  roundedRect(context, rect.x, rect.y, Math.max(2, rect.width * share), rect.height, 3);
  context.fillStyle = color;
  context.fill();
}

/** What was written so far with this step's word marked, and what came after. The beginning gives way when it is long. */
function drawWritten(context: CanvasRenderingContext2D, { written, step }: TracePage, rect: Rect): void {
  const middle = rect.y + rect.height / 2;
  const [plain, strong] = [font(11.5, 450), font(11.5, 600)];
  context.font = strong;
  const word = fitText(context, tokenText(written[step] ?? ''), rect.width * 0.7);
  const wordWidth = textWidth(context, word) + 8;
  context.font = plain;
  const before = shortenLeft(context, written.slice(0, step).join('').trim(), rect.width * 0.72 - wordWidth);
  const start = rect.x + (before === '' ? 0 : textWidth(context, before) + 4);
  write(context, before, rect.x, middle, { font: plain, color: INK.soft });
  roundedRect(context, start, middle - 8, wordWidth, 16, 4);
  context.fillStyle = INK.accent;
  context.fill();
  write(context, word, start + 4, middle, { font: strong, color: INK.inset });
  const end = start + wordWidth + 4;
  const room = rect.x + rect.width - end;
  const after = written
    .slice(step + 1)
    .join('')
    .trim();
  if (room > 20 && after !== '') write(context, after, end, middle, { font: plain, color: INK.muted, width: room });
}

/** The longest end of a text that fits, with `…` before it. */
function shortenLeft(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (text === '' || textWidth(context, text) <= width) return text;
  for (let cut = Math.max(1, text.length - 60); cut < text.length; cut++) {
    const end = `…${text.slice(cut).trimStart()}`;
    if (context.measureText(end).width <= width) return end;
  }
  return '…';
}
