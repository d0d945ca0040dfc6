/**
 * Average precision of detections at one overlap, the area under the whole precision-recall curve.
 * Must not know the detector.
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Labelled extends Box {
  readonly label: number;
}
export interface Found extends Labelled {
  readonly score: number;
}

/** Intersection over union. */
export function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** One class: best first, each claim takes the free object that it covers best, if it covers it enough. */
function ofClass(
  found: readonly (readonly Found[])[],
  truth: readonly (readonly Labelled[])[],
  label: number,
  least: number,
) {
  const objects = truth.map((row) => row.filter((object) => object.label === label));
  const total = objects.reduce((sum, row) => sum + row.length, 0);
  const claims = found
    .flatMap((row, picture) => row.filter((box) => box.label === label).map((box) => ({ box, picture })))
    .toSorted((a, b) => b.box.score - a.box.score);
  const used = new Set<Labelled>();
  const points: { recall: number; precision: number }[] = [];
  for (const [i, { box, picture }] of claims.entries()) {
    const free = objects[picture]!.filter((object) => !used.has(object));
    const best = free.toSorted((a, b) => overlapOf(b, box) - overlapOf(a, box))[0];
    if (best !== undefined && overlapOf(best, box) >= least) used.add(best);
    points.push({ recall: used.size / total, precision: used.size / (i + 1) });
  }
  let area = 0;
  let ceiling = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    ceiling = Math.max(ceiling, points[i]!.precision);
    area += (points[i]!.recall - (points[i - 1]?.recall ?? 0)) * ceiling;
  }
  return area;
}

/** Mean over the classes that occur. */
export function averagePrecision(
  found: readonly (readonly Found[])[],
  truth: readonly (readonly Labelled[])[],
  least = 0.5,
): number {
  const labels = new Set(truth.flat().map((object) => object.label));
  const values = [...labels].map((label) => ofClass(found, truth, label, least));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
