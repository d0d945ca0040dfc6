/**
 * Scenes as one WebDataset shard: for each a small WebP picture and a text of captions. The same scenes give the same bytes.
 * Must not decide what a scene holds or says.
 * Source of the archive's form: POSIX.1-2017, ustar interchange format.
 */
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { captionsOf } from './datasets.ts';
import { drawScenes } from './draw.ts';
import { makeScene, type Scene } from './scene.ts';

export interface ShardOptions {
  readonly seed: number;
  readonly count: number;
  /** Path of the archive. */
  readonly out: string;
  /** Of the pictures, pixels. */
  readonly size: number;
  /** Of its five captions, how many a scene keeps; the first is complete. */
  readonly captions: number;
}

const BLOCK = 512;
/** Scenes drawn together. */
const TOGETHER = 64;

export async function writeShard({ seed, count, out, size, captions }: ShardOptions): Promise<void> {
  const pieces: Buffer[] = [];
  for (let first = 0; first < count; first += TOGETHER) {
    const scenes = Array.from({ length: Math.min(TOGETHER, count - first) }, (_, i) => makeScene(seed + first + i));
    const drawn = await drawScenes(scenes, size);
    for (const [index, scene] of scenes.entries()) {
      const picture = await sharp(drawn[index]!, { raw: { width: size, height: size, channels: 3 } })
        .webp({ quality: 80 })
        .toBuffer();
      pieces.push(...entry(`${nameOf(scene)}.webp`, picture));
      const text = captionsOf(scene).slice(0, captions).join('\n');
      pieces.push(...entry(`${nameOf(scene)}.txt`, Buffer.from(`${text}\n`)));
    }
  }
  await writeFile(out, Buffer.concat([...pieces, Buffer.alloc(2 * BLOCK)]));
}

function nameOf(scene: Scene): string {
  return String(scene.seed).padStart(12, '0');
}

/** Header, content, zeros to the end of the block. */
export function entry(name: string, content: Buffer): readonly Buffer[] {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    ),
    148,
  );
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
