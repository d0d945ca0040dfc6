/** transformers.js, where `npm --prefix bench ci` has installed it. Its filter does not antialias like Pillow's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Picture {
  readonly width: number;
}

interface TransformersJs {
  readonly RawImage: {
    fromBlob(blob: Blob): Promise<Picture>;
    new (data: Uint8Array, width: number, height: number, channels: number): Picture;
  };
  readonly CLIPImageProcessor: new (config: unknown) => (pictures: readonly Picture[]) => Promise<unknown>;
}

/** The library, or the reason why it is not here. */
export async function loadTransformersJs(): Promise<TransformersJs | string> {
  const folder = join(import.meta.dirname, '..', 'node_modules', '@huggingface', 'transformers');
  if (!existsSync(folder)) return 'it is not installed: npm --prefix bench ci';
  try {
    // Not a plain specifier: the peer is no dependency of this package, so types must not be looked for.
    return (await import(pathToFileURL(join(folder, 'dist', 'transformers.node.mjs')).href)) as TransformersJs;
  } catch (thrown) {
    return `it does not load: ${thrown instanceof Error ? thrown.message : thrown}`;
  }
}
