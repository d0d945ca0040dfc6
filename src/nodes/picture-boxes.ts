/** From the grid of pixels a model saw back to the picture: through resize, crop and padding. Pure. */
import type { TensorOrigin } from '../protocol/value.ts';
import type { Rectangle } from './suppression.ts';

export type Placement = NonNullable<TensorOrigin['placement']>;

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
