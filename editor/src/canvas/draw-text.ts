/** Text on the canvas: shortened to fit, with measurements remembered. Must not know nodes. */

const widths = new Map<string, number>();
const fitted = new Map<string, string>();
const MAX_REMEMBERED = 5000;

/** Width in canvas units in the context's current font. */
export function textWidth(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    width = context.measureText(text).width;
    if (widths.size > MAX_REMEMBERED) widths.clear();
    widths.set(key, width);
  }
  return width;
}

/** The text, or its longest beginning with `…` that fits. */
export function fitText(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (text.length * 2 < width / 4 || textWidth(context, text) <= width) return text;
  const key = `${context.font}\n${Math.round(width)}\n${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let low = 0;
  let high = Math.min(text.length, 400);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (context.measureText(`${text.slice(0, middle).trimEnd()}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  const result = `${text.slice(0, low).trimEnd()}…`;
  if (fitted.size > MAX_REMEMBERED) fitted.clear();
  fitted.set(key, result);
  return result;
}

/** Must be called when a font arrives: measurements with the stand-in are wrong. */
export function forgetMeasurements(): void {
  widths.clear();
  fitted.clear();
}

export function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  style: { font: string; color: string; align?: CanvasTextAlign; width?: number },
): void {
  context.font = style.font;
  context.fillStyle = style.color;
  context.textAlign = style.align ?? 'left';
  context.textBaseline = 'middle';
  context.fillText(style.width === undefined ? text : fitText(context, text, style.width), x, y + 0.5);
}

export function roundedRect(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number | number[],
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
}
