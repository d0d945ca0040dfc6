/**
 * Where a JSON text stops being JSON: line, column and reason, the same in every engine.
 * Only called on a text that JSON.parse refused; it never builds values.
 */

export interface SyntaxProblem {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not hold raw control characters.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

/** The first problem of `text`, or undefined when it is JSON. */
export function findSyntaxProblem(text: string): SyntaxProblem | undefined {
  let position = 0;
  /** Open brackets, innermost last. */
  const open: ('{' | '[')[] = [];
  let expecting: 'value' | 'value or ]' | 'name' | 'name or }' | 'colon' | 'comma or end' = 'value';

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) return false;
    position += match[0].length;
    return true;
  };
  const fail = (reason: string): SyntaxProblem => ({ ...locate(text, position), reason });
  const found = (): string => (position >= text.length ? 'the end of the text' : JSON.stringify(text[position]));

  for (;;) {
    take(SPACE);
    const character = text[position];
    if (expecting === 'comma or end') {
      const innermost = open.at(-1);
      if (innermost === undefined)
        return character === undefined ? undefined : fail(`nothing may follow, found ${found()}`);
      const close = innermost === '{' ? '}' : ']';
      if (character === ',') expecting = innermost === '{' ? 'name' : 'value';
      else if (character === close) open.pop();
      else return fail(`expected "," or "${close}", found ${found()}`);
      position++;
    } else if (expecting === 'colon') {
      if (character !== ':') return fail(`expected ":", found ${found()}`);
      position++;
      expecting = 'value';
    } else if (expecting === 'name' || expecting === 'name or }') {
      if (character === '}' && expecting === 'name or }') {
        open.pop();
        position++;
        expecting = 'comma or end';
      } else if (character !== '"') return fail(`expected a name in double quotes, found ${found()}`);
      else if (take(STRING)) expecting = 'colon';
      else return fail('a text is not closed, or holds a raw control character or an unknown escape');
    } else if (character === ']' && expecting === 'value or ]') {
      open.pop();
      position++;
      expecting = 'comma or end';
    } else if (character === '{' || character === '[') {
      open.push(character);
      position++;
      expecting = character === '{' ? 'name or }' : 'value or ]';
    } else if (character === '"') {
      if (!take(STRING)) return fail('a text is not closed, or holds a raw control character or an unknown escape');
      expecting = 'comma or end';
    } else {
      const word = ['true', 'false', 'null'].find((candidate) => text.startsWith(candidate, position));
      if (word !== undefined) position += word.length;
      else if (!take(NUMBER)) return fail(`expected a value, found ${found()}`);
      expecting = 'comma or end';
    }
  }
}

function locate(text: string, position: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < position; end = text.indexOf('\n', end + 1)) {
    line++;
    start = end + 1;
  }
  return { line, column: position - start + 1 };
}
