/**
 * Pictures of scenes: SVG through sharp, then seeded pixel noise. Many scenes share one SVG (a mosaic), because
 * starting the rasteriser costs more than drawing a scene; tiles start at whole pixels, so a scene drawn alone differs by
 * at most two levels where edges blend.
 * Must not change the truth of a scene.
 */
import sharp from 'sharp';
import { type Rgb, textureTone, toCss } from './colour.ts';
import { Random } from './random.ts';
import type { Background, Scene, SceneObject } from './scene.ts';

const noiseCells = 9;

function backgroundSvg(background: Background, id: string, seed: number): string {
  const { kind, first, second, angle } = background;
  const whole = (fill: string) => `<rect width="1" height="1" fill="${fill}"/>`;
  const dx = Math.cos(angle) / 2;
  const dy = Math.sin(angle) / 2;
  if (kind === 'plain') return whole(toCss(first));
  if (kind === 'gradient') {
    const stops = `<stop offset="0" stop-color="${toCss(first)}"/><stop offset="1" stop-color="${toCss(second)}"/>`;
    const line = `x1="${0.5 - dx}" y1="${0.5 - dy}" x2="${0.5 + dx}" y2="${0.5 + dy}"`;
    return `<linearGradient id="${id}g" gradientUnits="userSpaceOnUse" ${line}>${stops}</linearGradient>${whole(`url(#${id}g)`)}`;
  }
  if (kind === 'two-tone') {
    return `${whole(toCss(first))}<path d="${halfPlane(dx * 2, dy * 2)}" fill="${toCss(second)}"/>`;
  }
  const random = new Random(seed, 'cells');
  let cells = '';
  for (let row = 0; row < noiseCells; row++) {
    for (let column = 0; column < noiseCells; column++) {
      const t = random.next();
      const mixed = first.map((value, channel) => Math.round(value + (second[channel]! - value) * t));
      const side = 1 / noiseCells;
      cells += `<rect x="${column * side}" y="${row * side}" width="${side + 0.01}" height="${side + 0.01}" fill="${toCss(mixed as unknown as Rgb)}"/>`;
    }
  }
  return cells;
}

/** The part of the unit square on the positive side of the line through its centre with normal (nx, ny). */
function halfPlane(nx: number, ny: number): string {
  const corners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  const kept: string[] = [];
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % 4]!;
    const da = (a[0] - 0.5) * nx + (a[1] - 0.5) * ny;
    const db = (b[0] - 0.5) * nx + (b[1] - 0.5) * ny;
    if (da >= 0) kept.push(`${a[0]} ${a[1]}`);
    if (da >= 0 !== db >= 0) {
      const t = da / (da - db);
      kept.push(`${a[0] + (b[0] - a[0]) * t} ${a[1] + (b[1] - a[1]) * t}`);
    }
  }
  return `M${kept.join('L')}Z`;
}

/** The texture as an SVG pattern in the object's own frame (unit = side); '' for plain. */
function patternSvg(object: SceneObject, id: string): string {
  const base = toCss(object.fill);
  const second = toCss(textureTone(object.fill));
  const turn = (object.angle * 180) / Math.PI;
  const period = { plain: 0, striped: 0.27, dotted: 0.27, checkered: 0.36 }[object.texture];
  const frame =
    `<pattern id="${id}" patternUnits="userSpaceOnUse" width="1" height="1" ` +
    `patternTransform="translate(${object.cx} ${object.cy}) rotate(${turn}) scale(${object.side * period}) translate(-0.5 -0.5)">`;
  const ground = `<rect width="1" height="1" fill="${base}"/>`;
  switch (object.texture) {
    case 'plain':
      return '';
    case 'striped':
      return `${frame}${ground}<rect y="0.72" width="1" height="0.28" fill="${second}"/><rect width="1" height="0.14" fill="${second}"/></pattern>`;
    case 'dotted':
      return `${frame}${ground}<circle cx="0" cy="0.5" r="0.33" fill="${second}"/><circle cx="1" cy="0.5" r="0.33" fill="${second}"/></pattern>`;
    case 'checkered':
      return `${frame}${ground}<rect x="0" y="0" width="0.5" height="0.5" fill="${second}"/><rect x="0.5" y="0.5" width="0.5" height="0.5" fill="${second}"/></pattern>`;
  }
}

function objectSvg(object: SceneObject, id: string): string {
  const path = object.outline
    .map((contour) => `M${contour.map(([x, y]) => `${x.toFixed(5)} ${y.toFixed(5)}`).join('L')}Z`)
    .join('');
  const pattern = patternSvg(object, id);
  const fill = pattern === '' ? toCss(object.fill) : `url(#${id})`;
  return `${pattern}<path fill-rule="evenodd" d="${path}" fill="${fill}"/>`;
}

function tileSvg(scene: Scene, index: number, x: number, y: number, size: number): string {
  const id = `t${index}`;
  const objects = scene.objects.map((object, i) => objectSvg(object, `${id}o${i}`)).join('');
  return `<g transform="translate(${x} ${y}) scale(${size})">${backgroundSvg(scene.background, id, scene.seed)}${objects}</g>`;
}

/** Adds near-Gaussian noise (sum of two uniforms) in place; the same seed and size give the same noise. */
function addNoise(pixels: Uint8Array, scene: Scene): void {
  if (scene.noise < 0.5) return;
  const random = new Random(scene.seed, 'noise');
  const spread = scene.noise * Math.sqrt(6);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]! + (random.next() - random.next()) * spread;
    pixels[i] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
  }
}

/**
 * Draws scenes at `size` pixels a side.
 * @returns one RGB buffer per scene, size*size*3 bytes, rows first
 */
export async function drawScenes(scenes: readonly Scene[], size: number): Promise<Uint8Array[]> {
  const columns = Math.ceil(Math.sqrt(scenes.length));
  const rows = Math.ceil(scenes.length / columns);
  const width = columns * size;
  const tiles = scenes.map((scene, i) => tileSvg(scene, i, (i % columns) * size, Math.floor(i / columns) * size, size));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows * size}">${tiles.join('')}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg), { limitInputPixels: false, unlimited: true })
    .flatten()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.channels !== 3) throw new Error(`mosaic came out ${info.width}x${info.channels}`);
  return scenes.map((scene, i) => {
    const pixels = new Uint8Array(size * size * 3);
    const left = (i % columns) * size * 3;
    const top = Math.floor(i / columns) * size;
    for (let y = 0; y < size; y++) {
      const start = (top + y) * width * 3 + left;
      pixels.set(data.subarray(start, start + size * 3), y * size * 3);
    }
    addNoise(pixels, scene);
    return pixels;
  });
}

/** One scene as PNG bytes. */
export async function drawPng(scene: Scene, size: number): Promise<Buffer> {
  const [pixels] = await drawScenes([scene], size);
  return sharp(pixels!, { raw: { width: size, height: size, channels: 3 } })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}
