/**
 * What a collection of anchors consists of: the spaces of both sides and the segments, in one small file. Replacing it is
 * what makes a change: before that nothing of it counts, afterwards all of it.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WeftError } from '../../errors.ts';
import { writeWhole } from '../weights/write-tensors.ts';
import type { AnchorSpaces } from './anchor.ts';

const FILE = 'manifest.json';
const space = z.object({ space: z.string(), width: z.int().min(1) });
const shape = z.object({
  weftAnchors: z.literal(1),
  /** Another one after every change, and never one that was there before. */
  revision: z.string(),
  image: space,
  text: space,
  segments: z.array(z.object({ file: z.string().regex(/^[\w-]+\.safetensors$/), rows: z.int().min(1) })),
});

export type AnchorManifest = z.infer<typeof shape>;
export type SegmentFile = AnchorManifest['segments'][number];

/** Undefined where there is none. Rejects with `input/bad-file`. */
export async function readManifest(folder: string): Promise<AnchorManifest | undefined> {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw badManifest(path, String((cause as NodeJS.ErrnoException).code), cause);
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw badManifest(path, 'it is malformed', cause);
  }
}

/** Returns the new revision. Rejects with what the file system says. */
export async function writeManifest(
  folder: string,
  spaces: AnchorSpaces,
  segments: readonly SegmentFile[],
): Promise<string> {
  const { image, text } = spaces;
  const manifest = { weftAnchors: 1, revision: randomUUID(), image, text, segments };
  await writeWhole(join(folder, FILE), (file) => file.appendFile(`${JSON.stringify(manifest, undefined, 1)}\n`));
  return manifest.revision;
}

function badManifest(path: string, reason: string, cause: unknown): WeftError {
  return new WeftError('input/bad-file', { expected: 'a collection of anchors', path, reason }, { cause });
}
