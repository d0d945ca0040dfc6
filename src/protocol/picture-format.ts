/**
 * Which pictures Weft reads: by extension when a folder is listed, by their first bytes when the contents are at hand.
 * Reads no more than those bytes and trusts no file name; free of node: imports.
 */

export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.webp', '.avif', '.tif', '.tiff', '.gif'];

export function hasPictureExtension(path: string): boolean {
  const lower = path.toLowerCase();
  return EXTENSIONS.some((extension) => lower.endsWith(extension));
}

/** The format that the bytes announce; undefined when it is none that Weft decodes (SVG and PDF are refused on purpose). */
export function pictureFormat(bytes: Uint8Array): PictureFormat | undefined {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp';
  if (/^GIF8[79]a$/.test(text(0, 6))) return 'gif';
  // The second letter pair tells classic TIFF (42) from BigTIFF (43).
  if (/^(II[*+]\0|MM\0[*+])$/.test(text(0, 4))) return 'tiff';
  if (text(4, 8) === 'ftyp' && /avif|avis|mif1|msf1/.test(text(8, 32))) return 'avif';
  return undefined;
}
