/** Pictures given inside the graph or request itself, as base64 data URLs. Pure. */
import { WeftError } from '../errors.ts';

const HEADER = /^data:([a-z]+\/[\w.+-]+)?((?:;[\w-]+=[^;,]*)*);base64,/i;
/** Longer headers are no header: the search must not run over megabytes of picture. */
const MAX_HEADER = 256;

export function isDataUrl(source: string): boolean {
  return /^data:/i.test(source);
}

/**
 * The bytes of a base64 data URL.
 * Throws input/bad-data-url, or input/too-large when it holds more than `limit` bytes.
 */
export function parseDataUrl(url: string, limit: number): { mime: string; bytes: Uint8Array<ArrayBuffer> } {
  const header = HEADER.exec(url.slice(0, MAX_HEADER));
  if (header === null) {
    throw new WeftError('input/bad-data-url', { received: `"${printable(url.slice(0, 40))}"` });
  }
  const payload = url.slice(header[0].length);
  const size = Math.floor((payload.length * 3) / 4);
  if (size > limit) {
    throw new WeftError('input/too-large', { limit: `${limit} bytes`, what: 'a data URL', received: `${size} bytes` });
  }
  // Buffer skips what is not base64 without a word; a damaged URL must not become another picture.
  if (payload.length === 0 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(payload)) {
    throw new WeftError('input/bad-data-url', {
      received: payload.length === 0 ? 'no data' : 'characters that are not base64',
    });
  }
  return { mime: header[1]?.toLowerCase() ?? 'application/octet-stream', bytes: copy(Buffer.from(payload, 'base64')) };
}

/** Out of Node's shared pool: the bytes may be transferred to a thread. */
function copy(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be echoed.
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, '?');
}
