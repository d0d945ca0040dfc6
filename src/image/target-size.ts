/**
 * To what size a picture is resized before cropping: the rules of transformers' `size` dictionaries, in Python's
 * arithmetic (float64 division, int() truncates, round() goes to even).
 */
import type { Size } from './processor.ts';

export type TargetSize =
  /** Exactly this, whatever the aspect ratio. */
  | { readonly kind: 'exact'; readonly width: number; readonly height: number }
  /** The shorter side becomes `edge`; `longest` bounds the other one. */
  | { readonly kind: 'shortest-edge'; readonly edge: number; readonly longest?: number }
  /** As large as fits, aspect ratio kept. */
  | { readonly kind: 'within'; readonly width: number; readonly height: number }
  /** ViLT: the shorter side becomes `edge`, the longer at most 1333/800 of it, both floored to multiples. */
  | { readonly kind: 'multiple'; readonly edge: number; readonly divisor: number };

/** The resized size; a side may come out as 0, which the caller must refuse. */
export function resizedSize(target: TargetSize, width: number, height: number): Size {
  switch (target.kind) {
    case 'exact':
      return { width: target.width, height: target.height };
    case 'shortest-edge':
      return target.longest === undefined
        ? byShortestEdge(target.edge, width, height)
        : byBoundedEdges(target.edge, target.longest, width, height);
    case 'within': {
      const scale = Math.min(target.height / height, target.width / width);
      return { width: Math.trunc(width * scale), height: Math.trunc(height * scale) };
    }
    case 'multiple':
      return byMultiple(target.edge, target.divisor, width, height);
  }
}

function byShortestEdge(edge: number, width: number, height: number): Size {
  if (width <= height) return { width: edge, height: Math.trunc((edge * height) / width) };
  return { width: Math.trunc((edge * width) / height), height: edge };
}

/** DETR's rule, which the processors follow when both edges are given. */
function byBoundedEdges(edge: number, longest: number, width: number, height: number): Size {
  const shorter = Math.min(width, height);
  const longer = Math.max(width, height);
  // Where the longest edge binds, sides come from the unrounded value, but only the rounded one decides on equality.
  const bound = (longer / shorter) * edge > longest ? (longest * shorter) / longer : undefined;
  const short = bound === undefined ? edge : roundHalfToEven(bound);
  if (shorter === short) return { width, height };
  if (width < height) return { width: short, height: Math.trunc(((bound ?? short) * height) / width) };
  return { width: Math.trunc(((bound ?? short) * width) / height), height: short };
}

/** The typical aspect ratio of COCO that ViLT was trained with. */
const MOST_ELONGATED = 1333 / 800;

function byMultiple(edge: number, divisor: number, width: number, height: number): Size {
  const longest = Math.trunc(MOST_ELONGATED * edge);
  const scale = edge / Math.min(width, height);
  let newWidth = height < width ? scale * width : edge;
  let newHeight = height < width ? edge : scale * height;
  if (Math.max(newWidth, newHeight) > longest) {
    const shrink = longest / Math.max(newWidth, newHeight);
    newWidth *= shrink;
    newHeight *= shrink;
  }
  const toMultiple = (side: number) => Math.floor(Math.trunc(side + 0.5) / divisor) * divisor;
  return { width: toMultiple(newWidth), height: toMultiple(newHeight) };
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
