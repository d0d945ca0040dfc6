/**
 * One drawn scene as structured truth: background and objects, in fractions of the picture side.
 * Must not draw (draw.ts) or speak (claims.ts, phrases.ts).
 */
import { distance, drawColour, fromHsl, type Rgb } from './colour.ts';
import { Random } from './random.ts';
import { type Box, boundsOf, type Outline, outlineOf } from './shapes.ts';
import {
  type BackgroundKind,
  backgrounds,
  type Colour,
  colours,
  type Shape,
  type Size,
  shapes,
  sizeRange,
  sizes,
  type Texture,
  type Tone,
  textures,
  tones,
} from './vocabulary.ts';

/** Raised whenever the same seed would draw or tell something else. */
export const generatorVersion = 1;

export interface SceneObject {
  readonly shape: Shape;
  readonly colour: Colour;
  readonly size: Size;
  readonly texture: Texture;
  readonly fill: Rgb;
  /** Centre, side and turn of the drawn shape; lengths are fractions of the picture side. */
  readonly cx: number;
  readonly cy: number;
  readonly side: number;
  readonly angle: number;
  readonly outline: Outline;
  readonly box: Box;
}

export interface Background {
  readonly kind: BackgroundKind;
  readonly tone: Tone;
  readonly first: Rgb;
  readonly second: Rgb;
  /** Direction of a gradient or of the border between two tones, radians. */
  readonly angle: number;
}

export interface Scene {
  readonly seed: number;
  readonly background: Background;
  readonly objects: readonly SceneObject[];
  /** Standard deviation of the pixel noise, in 8-bit levels. */
  readonly noise: number;
}

const countWeights = [0.34, 0.3, 0.2, 0.1, 0.06];
/** Least colour distance between an object and every background tone. */
const contrast = 0.2;
/** Least gap between two boxes, and between a box and the frame. */
const gap = 0.03;

function drawBackground(random: Random): Background {
  const kind = random.pick(backgrounds);
  const tone = random.pick(tones);
  const tint = (): Rgb => {
    const lightness = tone === 'dark' ? random.range(8, 32) : random.range(72, 96);
    return fromHsl(random.range(0, 360), random.range(0, 34), lightness);
  };
  const first = tint();
  let second = tint();
  // Two tones that cannot be told apart would make the kind a lie.
  while (kind !== 'plain' && distance(first, second) < 0.1) second = tint();
  return { kind, tone, first, second: kind === 'plain' ? first : second, angle: random.range(0, Math.PI * 2) };
}

function drawSize(count: number, random: Random): Size {
  if (count >= 4) return random.chance(0.55) ? 'small' : 'medium';
  return sizes[random.weighted(count === 3 ? [0.4, 0.4, 0.2] : [0.3, 0.37, 0.33])] ?? 'medium';
}

function drawFill(background: Background, random: Random): { colour: Colour; fill: Rgb } {
  for (;;) {
    const colour = random.pick(colours);
    const fill = drawColour(colour, random);
    if (distance(fill, background.first) >= contrast && distance(fill, background.second) >= contrast) {
      return { colour, fill };
    }
  }
}

function isFree(box: Box, taken: readonly SceneObject[]): boolean {
  return taken.every(
    ({ box: other }) =>
      box.x + box.width + gap <= other.x ||
      other.x + other.width + gap <= box.x ||
      box.y + box.height + gap <= other.y ||
      other.y + other.height + gap <= box.y,
  );
}

/** Places one object, or gives up after a number of tries (the scene is then drawn anew). */
function placeObject(count: number, background: Background, taken: readonly SceneObject[], random: Random) {
  const size = drawSize(count, random);
  // Now and then repeat an earlier shape or colour, so that counting and telling apart matter.
  const model = taken.length > 0 && random.chance(0.3) ? random.pick(taken) : undefined;
  const repeatShape = model !== undefined && random.chance(0.6);
  const shape = repeatShape ? model.shape : random.pick(shapes);
  const paint =
    model !== undefined && (!repeatShape || random.chance(0.5))
      ? { colour: model.colour, fill: model.fill }
      : drawFill(background, random);
  const texture = textures[random.weighted([0.49, 0.17, 0.17, 0.17])] ?? 'plain';
  const [low, high] = sizeRange[size];
  for (let attempt = 0; attempt < 40; attempt++) {
    const side = random.range(low, high);
    const angle = random.range(-0.2, 0.2);
    const around = boundsOf(outlineOf(shape, 0, 0, side, angle));
    const x = random.range(gap, 1 - gap - around.width);
    const y = random.range(gap, 1 - gap - around.height);
    const box = { x, y, width: around.width, height: around.height };
    if (!isFree(box, taken)) continue;
    const cx = x - around.x;
    const cy = y - around.y;
    const outline = outlineOf(shape, cx, cy, side, angle);
    return { shape, size, texture, ...paint, cx, cy, side, angle, outline, box: boundsOf(outline) };
  }
  return undefined;
}

/** The scene of a seed: the same seed gives the same scene. */
export function makeScene(seed: number): Scene {
  const random = new Random(seed, 'scene');
  const count = random.weighted(countWeights) + 1;
  const background = drawBackground(random);
  for (;;) {
    const objects: SceneObject[] = [];
    while (objects.length < count) {
      const object = placeObject(count, background, objects, random);
      if (object === undefined) break;
      objects.push(object);
    }
    if (objects.length === count) return { seed, background, objects, noise: random.range(0, 7) };
  }
}
