/** Which files are pictures: by extension when a folder is listed, by their first bytes when someone uploads one. */

export const PICTURE_EXTENSIONS: readonly string[] = [
  '.png',
  '.jpg',
  '.jpeg',
  '.webp',
  '.avif',
  '.tif',
  '.tiff',
  '.gif',
];

export type PictureType = 'png' | 'jpg' | 'webp' | 'avif' | 'tiff' | 'gif';

export function hasPictureExtension(path: string): boolean {
  const lower = path.toLowerCase();
  return PICTURE_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

/** The format that the first bytes announce, whatever the file is called; undefined when it is none that Weft reads. */
export function sniffPictureType(bytes: Uint8Array): PictureType | undefined {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpg';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (text(4, 8) === 'ftyp' && /avi[fs]|mi[fa]1/.test(text(8, 32))) return 'avif';
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return 'tiff';
  if (text(0, 6) === 'GIF87a' || text(0, 6) === 'GIF89a') return 'gif';
  return undefined;
}
