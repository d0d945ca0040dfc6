/** Where a text ends by strings that it must not hold. Pure; knows no tokens. */

/** The text before the first stop string at or after `from`; undefined where it holds none. */
export function beforeStop(text: string, stop: readonly string[], from = 0): string | undefined {
  const places = stop.map((one) => text.indexOf(one, from)).filter((place) => place >= 0);
  return places.length === 0 ? undefined : text.slice(0, Math.min(...places));
}

/** The text without an end that may become a stop string. */
export function withoutOpenStop(text: string, stop: readonly string[], from = 0): string {
  const longest = Math.max(0, ...stop.map((one) => one.length - 1));
  for (let place = Math.max(from, text.length - longest); place < text.length; place += 1) {
    const end = text.slice(place);
    if (stop.some((one) => one.startsWith(end))) return text.slice(0, place);
  }
  return text;
}
