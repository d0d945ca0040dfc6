/** Wires, groups and the dotted ground behind the nodes. Must not know litegraph. */
import type { Point } from '../document/commands.ts';
import { roundedRect, textWidth, write } from './draw-text.ts';
import { font, INK } from './theme.ts';

/** Horizontal reach of a wire's handles. */
function reach(from: Point, to: Point): number {
  const dx = to[0] - from[0];
  const dy = Math.abs(to[1] - from[1]);
  return dx >= 0 ? Math.max(24, dx * 0.45) : Math.min(220, 60 + Math.abs(dx) * 0.4 + dy * 0.1);
}

export interface WireLook {
  readonly from: string;
  readonly to: string;
  readonly isStrong: boolean;
  readonly isDashed?: boolean;
  /** A dark edge, so that crossing wires are told apart; left out where there are very many. */
  readonly hasEdge: boolean;
  /** A moving pulse from 0 to 1 along the wire while its source runs. */
  readonly pulse?: number;
}

export function drawWire(context: CanvasRenderingContext2D, from: Point, to: Point, look: WireLook): void {
  const handle = reach(from, to);
  const trace = () => {
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.bezierCurveTo(from[0] + handle, from[1], to[0] - handle, to[1], to[0], to[1]);
  };
  context.lineCap = 'round';
  trace();
  if (look.hasEdge) {
    context.lineWidth = look.isStrong ? 7 : 6;
    context.strokeStyle = INK.canvas;
    context.stroke();
  }
  context.lineWidth = look.isStrong ? 3.5 : 2.25;
  context.strokeStyle = paint(context, from, to, look);
  context.globalAlpha = look.isStrong ? 1 : 0.8;
  if (look.isDashed === true) context.setLineDash([6, 6]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (look.pulse !== undefined) {
    const [x, y] = wirePoint(from, to, look.pulse);
    context.beginPath();
    context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.fillStyle = '#ffffff';
    context.fill();
  }
}

function paint(context: CanvasRenderingContext2D, from: Point, to: Point, look: WireLook): string | CanvasGradient {
  if (look.from === look.to || (from[0] === to[0] && from[1] === to[1])) return look.from;
  const gradient = context.createLinearGradient(from[0], from[1], to[0], to[1]);
  gradient.addColorStop(0, look.from);
  gradient.addColorStop(1, look.to);
  return gradient;
}

/** A point of the wire, t from 0 (output) to 1 (input). */
export function wirePoint(from: Point, to: Point, t: number): Point {
  const handle = reach(from, to);
  const s = 1 - t;
  const mix = (a: number, b: number, c: number, d: number) =>
    s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
  return [mix(from[0], from[0] + handle, to[0] - handle, to[0]), mix(from[1], from[1], to[1], to[1])];
}

/** Distance from a point to the wire, canvas units. */
export function wireDistance(from: Point, to: Point, x: number, y: number): number {
  let best = Number.POSITIVE_INFINITY;
  const steps = 24;
  let [px, py] = from;
  for (let step = 1; step <= steps; step++) {
    const [qx, qy] = wirePoint(from, to, step / steps);
    best = Math.min(best, segmentDistance(x, y, px, py, qx, qy));
    [px, py] = [qx, qy];
  }
  return best;
}

function segmentDistance(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

const tiles = new Map<number, CanvasPattern>();

/**
 * Dots every 20 units (100 when far away) over the visible area. `pixels` is device pixels per unit: one tile is drawn
 * per zoom and repeated, because thousands of dots a frame would be slow.
 */
export function drawGround(
  context: CanvasRenderingContext2D,
  area: ArrayLike<number>,
  scale: number,
  pixels: number,
): void {
  const [left = 0, top = 0, width = 0, height = 0] = Array.from(area);
  context.fillStyle = INK.canvas;
  context.fillRect(left, top, width, height);
  const step = scale < 0.45 ? 100 : 20;
  const side = Math.max(4, Math.round(step * pixels));
  const tile = tiles.get(side) ?? dotTile(context, side, Math.max(1, Math.round(1.3 * Math.min(pixels, 1.6))));
  if (tile === undefined) return;
  if (tiles.size > 40) tiles.clear();
  tiles.set(side, tile);
  const factor = step / side;
  tile.setTransform(new DOMMatrix([factor, 0, 0, factor, 0, 0]));
  context.fillStyle = tile;
  context.fillRect(left, top, width, height);
}

function dotTile(context: CanvasRenderingContext2D, side: number, dot: number): CanvasPattern | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const drawing = canvas.getContext('2d');
  if (drawing === null) return undefined;
  drawing.fillStyle = INK.dot;
  drawing.fillRect(0, 0, dot, dot);
  return context.createPattern(canvas, 'repeat') ?? undefined;
}

export interface GroupLook {
  readonly title: string;
  readonly bounds: readonly [number, number, number, number];
  readonly color: string;
}

export function drawGroup(context: CanvasRenderingContext2D, { title, bounds, color }: GroupLook): void {
  const [x, y, width, height] = bounds;
  roundedRect(context, x, y, width, height, 14);
  context.fillStyle = `${color}14`;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = `${color}55`;
  context.stroke();
  context.font = font(13, 600);
  const labelWidth = Math.min(width - 16, textWidth(context, title) + 20);
  write(context, title, x + 16, y + 20, { font: font(13, 600), color, width: labelWidth });
  context.beginPath();
  context.moveTo(x + width - 6, y + height - 16);
  context.lineTo(x + width - 16, y + height - 6);
  context.moveTo(x + width - 6, y + height - 10);
  context.lineTo(x + width - 10, y + height - 6);
  context.stroke();
}
