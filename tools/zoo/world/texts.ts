/**
 * The world in words alone, for models that never see a picture: one JSON line a scene, `{"captions": [five]}`, in the order
 * of `captionsOf`. Must not draw.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { captionsOf } from './datasets.ts';
import { makeScene } from './scene.ts';

export interface TextOptions {
  readonly seed: number;
  readonly count: number;
  /** The file. */
  readonly out: string;
}

export async function writeTexts({ seed, count, out }: TextOptions): Promise<void> {
  const lines = createWriteStream(out);
  for (let i = 0; i < count; i++) {
    const captions = captionsOf(makeScene(seed + i));
    if (!lines.write(`${JSON.stringify({ captions })}\n`)) await once(lines, 'drain');
  }
  lines.end();
  await once(lines, 'close');
}
