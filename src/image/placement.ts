/** Where a picture lies in the grid of pixels a model sees, and back: through resize, crop and padding. Pure. */
import type { PreprocessPlan } from '../native/image.ts';
import type { TensorOrigin } from '../protocol/value.ts';

export type Placement = NonNullable<TensorOrigin['placement']>;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a whole picture comes to lie by a native pass whose result has that size. */
export function placementOf(plan: PreprocessPlan, image: Size, result: Size): Placement {
  return {
    x: (plan.pad?.left ?? 0) - (plan.crop?.left ?? 0),
    y: (plan.pad?.top ?? 0) - (plan.crop?.top ?? 0),
    width: plan.resize?.width ?? image.width,
    height: plan.resize?.height ?? image.height,
    gridWidth: result.width,
    gridHeight: result.height,
  };
}

/** A rectangle in grid pixels as one in pixels of the picture, cut off at its edges; undefined when nothing is left. */
export function toPicture(
  box: Rectangle,
  placement: Placement,
  picture: { readonly width: number; readonly height: number },
): Rectangle | undefined {
  const scaleX = picture.width / placement.width;
  const scaleY = picture.height / placement.height;
  const left = clamp((box.x - placement.x) * scaleX, picture.width);
  const top = clamp((box.y - placement.y) * scaleY, picture.height);
  const width = clamp((box.x + box.width - placement.x) * scaleX, picture.width) - left;
  const height = clamp((box.y + box.height - placement.y) * scaleY, picture.height) - top;
  return width > 0 && height > 0 ? { x: left, y: top, width, height } : undefined;
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}
