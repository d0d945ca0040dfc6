/** Fresh names for nodes, graph inputs and graph outputs. Pure; must not touch the page. */

/** `encode/clip-image` -> `clip-image`; the first free of `clip-image`, `clip-image-2`, … */
export function freshName(wanted: string, taken: ReadonlySet<string>): string {
  const base = cleanName(wanted);
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const name = base.slice(0, 64 - suffix.length) + suffix;
    if (!taken.has(name)) return name;
  }
}

/** What a new node of a type is called: `image`; if taken, `preprocess-image`; if taken too, that with a number. */
export function nameForType(type: string, taken: ReadonlySet<string>): string {
  const short = cleanName(type.slice(type.lastIndexOf('/') + 1));
  return taken.has(short) ? freshName(type.replaceAll('/', '-'), taken) : short;
}

/** The nearest allowed name: starts with a letter, then letters, digits, `_`, `-`, at most 64. */
export function cleanName(text: string): string {
  const name = text
    .trim()
    .replace(/[^\w-]+/g, '-')
    .replace(/^[^A-Za-z]+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
  return name === '' ? 'node' : name;
}

export function isName(text: string): boolean {
  return /^[A-Za-z][\w-]{0,63}$/.test(text);
}
