/**
 * File patterns: `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `{1..9}`, and `**` for any number of folders. Pure.
 * Not by regular expression: a pattern comes with a graph of a stranger, and `*?*?*?*?…` makes a backtracking engine
 * hold up the process for hours. Here a match takes at most (length of pattern) x (length of name) steps.
 */

/** `{a,b}{a,b}…` doubles with every pair. */
export const MAX_ALTERNATIVES = 256;

/** Any number of elements, or one element that passes. */
type Step<Element> = 'any' | ((element: Element) => boolean);

/** Undefined when the braces stand for more than MAX_ALTERNATIVES patterns. Names have forward slashes. */
export function compileGlob(pattern: string): ((name: string) => boolean) | undefined {
  const alternatives = expandBraces(pattern);
  if (alternatives === undefined) return undefined;
  const compiled = alternatives.map((alternative) => alternative.split('/').map(compileName));
  return (name) => {
    const parts = name.split('/');
    return compiled.some((steps) => matches(steps, parts));
  };
}

function compileName(pattern: string): Step<string> {
  if (pattern === '**') return 'any';
  const steps = compileCharacters([...pattern]);
  return (name) => matches(steps, [...name]);
}

function compileCharacters(characters: readonly string[]): Step<string>[] {
  const steps: Step<string>[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string;
    const end = character === '[' ? characters.indexOf(']', at + (/[!^]/.test(characters[at + 1] ?? '') ? 3 : 2)) : -1;
    if (character === '*') {
      if (steps.at(-1) !== 'any') steps.push('any');
    } else if (character === '?') {
      steps.push(() => true);
    } else if (end > 0) {
      steps.push(characterClass(characters.slice(at + 1, end)));
      at = end;
    } else {
      const escaped = character === '\\' ? characters[at + 1] : undefined;
      if (escaped !== undefined) at += 1;
      const literal = escaped ?? character;
      steps.push((one) => one === literal);
    }
  }
  return steps;
}

function characterClass(inner: readonly string[]): (character: string) => boolean {
  const negated = inner[0] === '!' || inner[0] === '^';
  const members = negated ? inner.slice(1) : inner;
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const first = members[at] as string;
    const last = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) at += 2;
  }
  return (character) => ranges.some(([first, last]) => first <= character && character <= last) !== negated;
}

/** Greedy with one place to return to: only the latest `any` ever needs to take one element more. */
function matches<Element>(steps: readonly Step<Element>[], elements: readonly Element[]): boolean {
  let step = 0;
  let retry: { step: number; element: number } | undefined;
  for (let element = 0; element < elements.length; ) {
    const current = steps[step];
    if (current === 'any') {
      step += 1;
      retry = { step, element };
    } else if (current?.(elements[element] as Element)) {
      step += 1;
      element += 1;
    } else if (retry !== undefined) {
      retry.element += 1;
      ({ step, element } = retry);
    } else {
      return false;
    }
  }
  return steps.slice(step).every((rest) => rest === 'any');
}

/** Every pattern that braces stand for. Braces without a comma or a range are plain characters. */
function expandBraces(pattern: string): string[] | undefined {
  const done: string[] = [];
  const open = [{ text: pattern, from: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = findBraces(next.text, next.from);
    if (group === undefined) done.push(next.text);
    else
      for (const choice of group.choices) open.push({ text: group.before + choice + group.after, from: group.start });
    if (done.length + open.length > MAX_ALTERNATIVES) return undefined;
  }
  return done;
}

interface Braces {
  readonly start: number;
  readonly before: string;
  readonly choices: readonly string[];
  readonly after: string;
}

/** The first group that opens at `from` or later. */
function findBraces(text: string, from: number): Braces | undefined {
  for (let start = text.indexOf('{', from); start >= 0; start = text.indexOf('{', start + 1)) {
    if (text[start - 1] === '\\') continue;
    const commas: number[] = [];
    let depth = 0;
    for (let at = start; at < text.length; at += 1) {
      if (text[at] === '\\') at += 1;
      else if (text[at] === '{') depth += 1;
      else if (text[at] === ',' && depth === 1) commas.push(at);
      else if (text[at] === '}' && --depth === 0) {
        const edges = [start, ...commas, at];
        const parts = edges.slice(1).map((edge, index) => text.slice((edges[index] as number) + 1, edge));
        const choices = commas.length > 0 ? parts : numbersOf(parts[0] ?? '');
        if (choices === undefined) break;
        return { start, before: text.slice(0, start), choices, after: text.slice(at + 1) };
      }
    }
  }
  return undefined;
}

/** `1..9`; of a longer range as many as tell that it is too long. */
function numbersOf(text: string): string[] | undefined {
  const [, first, last] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const low = Math.min(Number(first), Number(last));
  const count = Math.abs(Number(last) - Number(first)) + 1;
  return Array.from({ length: Math.min(count, MAX_ALTERNATIVES + 1) }, (_, index) => String(low + index));
}
