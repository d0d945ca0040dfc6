/** Whether a JPEG stores CMYK ink instead of RGB light. Reads headers only, never pixels. */
import { pictureFormat } from '../protocol/picture-format.ts';

/** Whether a JPEG has four components, which means CMYK (or YCCK) ink. False for every other file. */
export function isCmykJpeg(bytes: Uint8Array): boolean {
  if (pictureFormat(bytes) !== 'jpeg') return false;
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
