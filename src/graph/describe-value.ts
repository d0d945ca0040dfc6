/** A received value in a few words, for error messages: never long, never a secret file's content. Pure. */

export function describeValue(value: unknown, maxLength = 60): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (Array.isArray(value) && value.length > 8) return `a list of ${value.length}`;
  if (typeof value === 'string') return shorten(JSON.stringify(value), maxLength);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') {
    try {
      return shorten(JSON.stringify(value), maxLength);
    } catch {
      // Nested too deeply to be written out, or not JSON.
      return Array.isArray(value) ? 'a list' : 'an object';
    }
  }
  return `a ${typeof value}`;
}

function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
