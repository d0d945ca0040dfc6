/**
 * What the first bytes of a file say: the picture format, and whether a JPEG stores CMYK ink instead of RGB light.
 * Reads headers only, never pixels; trusts no file name.
 */

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif';

/** The format that the bytes announce; undefined when it is none that Weft decodes (SVG and PDF are refused on purpose). */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
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

/** Whether a JPEG has four components, which means CMYK (or YCCK) ink. False for every other file. */
export function isCmykJpeg(bytes: Uint8Array): boolean {
  if (imageFormat(bytes) !== 'jpeg') return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1; // a fill byte before the marker
    } else if (isStartOfFrame(marker)) {
      return bytes[at + 9] === 4;
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2; // markers without a segment
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return false;
}

/** SOF0 to SOF15, less DHT (C4), JPG (C8) and DAC (CC), which share the range. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
