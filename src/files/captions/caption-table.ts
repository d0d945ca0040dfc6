/**
 * Captions in one file, by the picture they are about: COCO's JSON, or lines of a name, a tab and a caption. Pure.
 * Source: COCO's data format (images, annotations with image_id and caption).
 */
import { z } from 'zod';
import { WeftError } from '../../errors.ts';
import type { PictureCaption } from './captioned-picture.ts';

const coco = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string() })),
  annotations: z.array(
    z.object({
      id: z.union([z.number(), z.string()]).optional(),
      image_id: z.union([z.number(), z.string()]),
      caption: z.string(),
    }),
  ),
});

/** By file name, in the order of the file. */
export type CaptionTable = ReadonlyMap<string, readonly PictureCaption[]>;

/** @param path how errors name the file. Throws `input/bad-file`, `input/empty`. */
export function readCaptionTable(bytes: Uint8Array, path: string): CaptionTable {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const table = path.toLowerCase().endsWith('.json') ? fromCoco(text, path) : fromLines(text, path);
  if (table.size === 0) throw new WeftError('input/empty', { what: 'captions', path });
  return table;
}

function fromCoco(text: string, path: string): CaptionTable {
  let file: z.infer<typeof coco>;
  try {
    file = coco.parse(JSON.parse(text));
  } catch (cause) {
    const reason = 'it is no JSON with "images" (id, file_name) and "annotations" (image_id, caption)';
    throw new WeftError('input/bad-file', { expected: "captions in COCO's format", path, reason }, { cause });
  }
  const names = new Map(file.images.map(({ id, file_name }) => [id, file_name]));
  const table = new Map<string, PictureCaption[]>();
  for (const { id, image_id, caption } of file.annotations) {
    const name = names.get(image_id);
    if (name === undefined) {
      const reason = `an annotation is about image ${image_id}, which "images" lacks`;
      throw new WeftError('input/bad-file', { expected: "captions in COCO's format", path, reason });
    }
    append(table, name, caption, id);
  }
  return table;
}

function fromLines(text: string, path: string): CaptionTable {
  const table = new Map<string, PictureCaption[]>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name, caption] = /^([^\t]+)\t(.*)$/.exec(line) ?? [];
    if (name === undefined || caption === undefined) {
      const reason = `line ${index + 1} is not a file name, a tab and a caption`;
      throw new WeftError('input/bad-file', { expected: 'captions', path, reason });
    }
    append(table, name.trim(), caption);
  }
  return table;
}

function append(table: Map<string, PictureCaption[]>, name: string, text: string, id?: number | string): void {
  if (text.trim() === '') return;
  const captions = table.get(name) ?? [];
  captions.push({ id: `${name}#${id ?? captions.length + 1}`, text: text.trim() });
  table.set(name, captions);
}

/** Those of a text file beside a picture: a line each. The first is the picture's own, by its name. */
export function captionLines(text: string, key: string): readonly PictureCaption[] {
  const lines = text.split(/\r?\n/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  return lines.map((line, index) => ({ id: index === 0 ? key : `${key}#${index + 1}`, text: line }));
}
