/**
 * Outlines of the shapes as polygons, so that what is drawn and what is told as the mask are the same points.
 * Must not know colours, scenes or pictures.
 */
import type { Shape } from './vocabulary.ts';

export type Point = readonly [number, number];
/** One outer contour; a second one, if any, is a hole (even-odd rule). */
export type Outline = readonly (readonly Point[])[];

const roundSteps = 40;

function arc(cx: number, cy: number, radius: number, from: number, to: number, steps: number): Point[] {
  const points: Point[] = [];
  for (let i = 0; i <= steps; i++) {
    const angle = from + ((to - from) * i) / steps;
    points.push([cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)]);
  }
  return points;
}

function circle(radius: number): Point[] {
  return arc(0, 0, radius, 0, 2 * Math.PI, roundSteps).slice(0, -1);
}

function star(): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < 10; i++) {
    const radius = i % 2 === 0 ? 0.54 : 0.23;
    const angle = -Math.PI / 2 + (i * Math.PI) / 5;
    points.push([radius * Math.cos(angle), 0.04 + radius * Math.sin(angle)]);
  }
  return points;
}

/** The classic heart curve (16 sin^3 t, 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t), scaled to the unit box. */
function heart(): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < roundSteps; i++) {
    const t = (2 * Math.PI * i) / roundSteps;
    const x = 16 * Math.sin(t) ** 3;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    points.push([x / 32, -y / 32 - 0.04]);
  }
  return points;
}

/** Two arcs that meet: the outer circle, and a circle moved to the right which cuts it. */
function crescent(): Point[] {
  const outer = 0.5;
  const inner = 0.42;
  const shift = 0.26;
  // Intersection of x^2+y^2=outer^2 with (x-shift)^2+y^2=inner^2.
  const x = (outer ** 2 - inner ** 2 + shift ** 2) / (2 * shift);
  const y = Math.sqrt(outer ** 2 - x ** 2);
  const outerAngle = Math.atan2(y, x);
  const innerAngle = Math.atan2(y, x - shift);
  const back = arc(0, 0, outer, outerAngle, 2 * Math.PI - outerAngle, 28);
  const front = arc(shift, 0, inner, 2 * Math.PI - innerAngle, innerAngle, 20);
  return [...back, ...front.slice(1, -1)].map(([px, py]) => [px + 0.08, py] as const);
}

function cross(): Point[] {
  const arm = 0.17;
  const end = 0.5;
  return [
    [-arm, -end],
    [arm, -end],
    [arm, -arm],
    [end, -arm],
    [end, arm],
    [arm, arm],
    [arm, end],
    [-arm, end],
    [-arm, arm],
    [-end, arm],
    [-end, -arm],
    [-arm, -arm],
  ];
}

function arrow(): Point[] {
  return [
    [0, -0.5],
    [0.44, 0],
    [0.17, 0],
    [0.17, 0.5],
    [-0.17, 0.5],
    [-0.17, 0],
    [-0.44, 0],
  ];
}

const unitOutlines: Record<Shape, Outline> = {
  circle: [circle(0.5)],
  square: [
    [
      [-0.44, -0.44],
      [0.44, -0.44],
      [0.44, 0.44],
      [-0.44, 0.44],
    ],
  ],
  triangle: [
    [
      [0, -0.5],
      [0.52, 0.42],
      [-0.52, 0.42],
    ],
  ],
  star: [star()],
  heart: [heart()],
  cross: [cross()],
  crescent: [crescent()],
  ring: [circle(0.5), circle(0.27).reverse()],
  diamond: [
    [
      [0, -0.54],
      [0.4, 0],
      [0, 0.54],
      [-0.4, 0],
    ],
  ],
  arrow: [arrow()],
};

/** The outline of a shape of the given side, turned by `angle` radians about its centre. */
export function outlineOf(shape: Shape, cx: number, cy: number, side: number, angle: number): Outline {
  const cos = Math.cos(angle) * side;
  const sin = Math.sin(angle) * side;
  const place = ([x, y]: Point): Point => [cx + x * cos - y * sin, cy + x * sin + y * cos];
  return unitOutlines[shape].map((contour) => contour.map(place));
}

/** Even-odd test of a point against an outline. */
export function contains(outline: Outline, x: number, y: number): boolean {
  let inside = false;
  for (const contour of outline) {
    for (let i = 0, j = contour.length - 1; i < contour.length; j = i++) {
      const [xi, yi] = contour[i]!;
      const [xj, yj] = contour[j]!;
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function boundsOf(outline: Outline): Box {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const [x, y] of outline.flat()) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
