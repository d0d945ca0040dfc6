/** Draws one node: header, sockets, parameters, preview, progress and problems. Reads NodeView, changes nothing. */
import type { SocketType } from '../../../src/protocol/index.ts';
import { familyOf } from '../palette/search.ts';
import { drawPreview } from './draw-preview.ts';
import { fitText, roundedRect, textWidth, write } from './draw-text.ts';
import { HEADER, NODE_WIDTH, PADDING, PARAM_ROW, socketY } from './node-geometry.ts';
import type { NodeView } from './node-view.ts';
import { statusNote } from './status-note.ts';
import { familyColor, font, INK, SOCKET_COLORS } from './theme.ts';

const RADIUS = 10;

export interface NodeLook {
  readonly scale: number;
  readonly isSelected: boolean;
  readonly isHovered: boolean;
  /** While a wire is dragged: whether it could end at this socket; undefined when no wire is dragged. */
  fits(node: NodeView, slot: number, isOutput: boolean): boolean | undefined;
  /** Milliseconds, for what moves while running. */
  readonly time: number;
}

/** The context is already moved to the node's top left corner. */
export function drawNode(context: CanvasRenderingContext2D, view: NodeView, look: NodeLook): void {
  const { width, height } = view.geometry;
  const isTiny = look.scale < 0.4;
  drawBody(context, view, look);
  if (isTiny) {
    write(context, title(view), 14, Math.min(height / 2, 40), {
      font: font(20, 600),
      color: INK.text,
      width: width - 28,
    });
  } else {
    drawHeader(context, view, look);
    drawParams(context, view);
    const { preview } = view.state;
    if (preview !== undefined && view.geometry.preview !== undefined) {
      drawPreview(context, preview, view.geometry.preview);
    }
  }
  drawSockets(context, view, look, isTiny);
  if (!isTiny) drawProblem(context, view);
}

function title(view: NodeView): string {
  return view.state.node.title ?? view.state.descriptor.title;
}

function drawBody(context: CanvasRenderingContext2D, view: NodeView, look: NodeLook): void {
  const { width, height } = view.geometry;
  const { run, problem } = view.state;
  // Three faint shapes: a blurred shadow of the same look costs many times more.
  context.fillStyle = 'rgba(0, 0, 0, 0.13)';
  for (const spread of look.scale < 0.3 ? [1] : [1, 3, 6]) {
    roundedRect(context, -spread, 3 - spread / 2, width + 2 * spread, height + 1.5 * spread, RADIUS + spread);
    context.fill();
  }
  roundedRect(context, 0, 0, width, height, RADIUS);
  context.fillStyle = INK.node;
  context.fill();

  const family = familyColor(familyOf(view.state.descriptor.type));
  roundedRect(context, 0, 0, width, HEADER, [RADIUS, RADIUS, 0, 0]);
  context.fillStyle = `${family}20`;
  context.fill();
  context.fillStyle = INK.nodeLine;
  context.fillRect(0, HEADER - 1, width, 1);

  const failed = problem?.level === 'error' || run?.status === 'failed';
  let edge: string = look.isHovered ? '#475061' : INK.nodeEdge;
  if (run?.status === 'running') edge = INK.accent;
  if (failed) edge = INK.bad;
  roundedRect(context, 0.5, 0.5, width - 1, height - 1, RADIUS - 0.5);
  context.lineWidth = failed || run?.status === 'running' ? 1.5 : 1;
  context.strokeStyle = edge;
  context.stroke();
  if (look.isSelected) {
    roundedRect(context, -3, -3, width + 6, height + 6, RADIUS + 3);
    context.lineWidth = 2;
    context.strokeStyle = INK.accent;
    context.stroke();
  }
}

function drawHeader(context: CanvasRenderingContext2D, view: NodeView, look: NodeLook): void {
  const { run, descriptor } = view.state;
  const middle = HEADER / 2;
  context.fillStyle = familyColor(familyOf(descriptor.type));
  roundedRect(context, PADDING, middle - 4, 8, 8, 2.5);
  context.fill();

  const note = statusNote(view.id, view.state);
  context.font = font(10.5, 500);
  const noteText = fitText(context, note.text, 84);
  const noteWidth = textWidth(context, noteText) + 10;
  write(context, title(view), PADDING + 16, middle, {
    font: font(13, 600),
    color: INK.text,
    width: NODE_WIDTH - 2 * PADDING - 16 - noteWidth,
  });
  write(context, noteText, NODE_WIDTH - PADDING, middle, { font: font(10.5, 500), color: note.color, align: 'right' });
  if (run?.status === 'running') drawProgress(context, run.fraction, look.time);
}

function drawProgress(context: CanvasRenderingContext2D, fraction: number | undefined, time: number): void {
  const y = HEADER - 2;
  context.fillStyle = '#2b3350';
  context.fillRect(1, y, NODE_WIDTH - 2, 2);
  context.fillStyle = INK.accent;
  if (fraction !== undefined) {
    context.fillRect(1, y, (NODE_WIDTH - 2) * fraction, 2);
    return;
  }
  const length = NODE_WIDTH * 0.3;
  const start = ((time / 1100) % 1) * (NODE_WIDTH + length) - length;
  const left = Math.max(1, start);
  context.fillRect(left, y, Math.min(NODE_WIDTH - 1, start + length) - left, 2);
}

function drawSockets(context: CanvasRenderingContext2D, view: NodeView, look: NodeLook, isTiny: boolean): void {
  const { descriptor, missing, results } = view.state;
  const half = NODE_WIDTH / 2 - 18;
  Object.entries(descriptor.inputs).forEach(([name, spec], index) => {
    const isWired = view.inputs[index]?.link != null;
    const fit = look.fits(view, index, false);
    const y = socketY(index);
    drawSocket(context, 0, y, spec.type, { isWired, isList: spec.whole === true, fit, isMissing: missing.has(name) });
    if (isTiny) return;
    const color = fit === false ? '#59616e' : spec.optional === true && !isWired ? INK.muted : INK.soft;
    write(context, name, 14, y, { font: font(12, 450), color, width: half });
  });
  Object.entries(descriptor.outputs).forEach(([name, spec], index) => {
    const isWired = (view.outputs[index]?.links.length ?? 0) > 0;
    const fit = look.fits(view, index, true);
    const y = socketY(index);
    drawSocket(context, NODE_WIDTH, y, spec.type, {
      isWired,
      isList: descriptor.emitsList === true,
      fit,
      isMissing: false,
    });
    if (isTiny) return;
    const color = fit === false ? '#59616e' : INK.soft;
    write(context, name, NODE_WIDTH - 14, y, { font: font(12, 450), color, align: 'right', width: half });
    if (results.has(name)) {
      context.font = font(12, 450);
      const x = NODE_WIDTH - 14 - textWidth(context, fitText(context, name, half)) - 10;
      drawStar(context, x, y, SOCKET_COLORS[spec.type.kind]);
    }
  });
}

interface SocketLook {
  readonly isWired: boolean;
  /** Carries a whole list: drawn as a capsule. */
  readonly isList: boolean;
  readonly isMissing: boolean;
  readonly fit: boolean | undefined;
}

function drawSocket(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  type: SocketType,
  { isWired, isList, isMissing, fit }: SocketLook,
): void {
  const color = SOCKET_COLORS[type.kind];
  const radius = fit === true ? 7 : 5.5;
  const tall = isList ? 4 : 0;
  context.globalAlpha = fit === false ? 0.25 : 1;
  if (fit === true) {
    context.fillStyle = `${color}40`;
    roundedRect(context, x - 12, y - 12 - tall, 24, 24 + 2 * tall, 12);
    context.fill();
  }
  roundedRect(context, x - radius, y - radius - tall, 2 * radius, 2 * radius + 2 * tall, radius);
  context.fillStyle = isWired || fit === true ? color : INK.inset;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = color;
  context.stroke();
  if (isMissing && fit === undefined) {
    roundedRect(
      context,
      x - radius - 3.5,
      y - radius - tall - 3.5,
      2 * radius + 7,
      2 * radius + 2 * tall + 7,
      radius + 3.5,
    );
    context.lineWidth = 1.25;
    context.setLineDash([2.5, 2.5]);
    context.strokeStyle = INK.warn;
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

/** A small star: this output is a result of the graph. */
function drawStar(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.beginPath();
  for (let point = 0; point < 10; point++) {
    const radius = point % 2 === 0 ? 5 : 2.2;
    const angle = (Math.PI * point) / 5 - Math.PI / 2;
    context.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  context.closePath();
  context.fillStyle = color;
  context.fill();
}

function drawParams(context: CanvasRenderingContext2D, view: NodeView): void {
  const top = view.geometry.paramsTop;
  if (top === undefined) return;
  if (view.geometry.rows > 0) {
    context.fillStyle = INK.nodeLine;
    context.fillRect(PADDING, top - 7, NODE_WIDTH - 2 * PADDING, 1);
  }
  view.state.params.forEach(([name, value], index) => {
    const y = top + index * PARAM_ROW + PARAM_ROW / 2;
    context.font = font(11.5, 450);
    const nameWidth = Math.min(textWidth(context, name), 96);
    write(context, name, PADDING + 2, y, { font: font(11.5, 450), color: INK.muted, width: 96 });
    write(context, value, NODE_WIDTH - PADDING - 2, y, {
      font: font(11.5, 500),
      color: INK.soft,
      align: 'right',
      width: NODE_WIDTH - 2 * PADDING - nameWidth - 16,
    });
  });
}

/** The message under the node, attached to it like a note. */
function drawProblem(context: CanvasRenderingContext2D, view: NodeView): void {
  const { problem } = view.state;
  if (problem === undefined || problem.level !== 'error') return;
  const lines = wrapLines(context, problem.text, NODE_WIDTH - 24, 3);
  const height = lines.length * 16 + 14 + (problem.more > 0 ? 15 : 0);
  const top = view.geometry.height + 6;
  roundedRect(context, 0, top, NODE_WIDTH, height, 8);
  context.fillStyle = INK.badDim;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = `${INK.bad}66`;
  context.stroke();
  lines.forEach((line, index) => {
    write(context, line, 12, top + 15 + index * 16, { font: font(11.5, 450), color: '#ffc2c7' });
  });
  if (problem.more > 0) {
    write(context, `and ${problem.more} more below`, 12, top + height - 13, { font: font(11, 450), color: INK.bad });
  }
}

function wrapLines(context: CanvasRenderingContext2D, text: string, width: number, max: number): string[] {
  context.font = font(11.5, 450);
  const words = text.split(' ');
  const lines: string[] = [];
  let line = '';
  for (const [index, word] of words.entries()) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(context, longer) <= width || line === '') {
      line = longer;
      continue;
    }
    if (lines.length === max - 1) return [...lines, fitText(context, [line, ...words.slice(index)].join(' '), width)];
    lines.push(line);
    line = word;
  }
  return [...lines, fitText(context, line, width)];
}
