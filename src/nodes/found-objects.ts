/** What nodes that find objects share: from which score on, and how results are named. Pure. */
import type { ParamSpecs } from '../protocol/param.ts';
import type { BoxesValue, ImageValue } from '../protocol/value.ts';

export const thresholdParam = {
  threshold: {
    kind: 'number',
    doc: "Lowest score kept; left out: the model's own.",
    optional: true,
    min: 0,
    max: 1,
    step: 0.01,
  },
} as const satisfies ParamSpecs;

/** Left out where nobody gave one, as tasks want it. */
export function thresholdOf({ threshold }: { readonly threshold: number | undefined }): { threshold?: number } {
  return threshold === undefined ? {} : { threshold };
}

/** Boxes by label instead of prompt, and named by their picture. */
export function namedBoxes(
  found: BoxesValue,
  { name }: ImageValue,
  labelOf: (prompt: string) => string = (prompt) => prompt,
): BoxesValue {
  const boxes = found.boxes.map((box) => ({ ...box, label: labelOf(box.label) }));
  const subject = found.subject ?? name;
  return { ...found, boxes, ...(subject === undefined ? {} : { subject }) };
}
