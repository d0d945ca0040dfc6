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

/** The last part of a node type: what a new node of it is called. */
export function nameOfType(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1);
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
