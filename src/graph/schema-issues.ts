/** What the schema found wrong, as `graph/bad-shape` errors with a path. Pure; no node: imports. */
import type { z } from 'zod';
import { WeftError } from '../errors.ts';
import { describeValue } from './describe-value.ts';

type Issue = z.core.$ZodIssue;

const NAMES: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

/** `raw` is what was checked, to say what came. */
export function schemaErrors(issues: readonly Issue[], raw: unknown): WeftError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => badShape('no such entry', [...issue.path, key], raw));
    }
    return [badShape(expectation(issue), issue.path, raw)];
  });
}

export function badShape(expected: string, path: readonly PropertyKey[], raw: unknown): WeftError {
  const node = path[0] === 'nodes' && path.length > 1 ? String(path[1]) : undefined;
  return new WeftError(
    'graph/bad-shape',
    { expected, path: formatPath(path), received: describeValue(valueAt(raw, path)) },
    { node },
  );
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return NAMES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'invalid_union':
      return 'a text, a number, true or false, or a list of texts or numbers';
    case 'invalid_key':
      return 'a name (a letter, then letters, digits, _ or -; at most 64)';
    case 'invalid_format':
      return 'a name (a letter, then letters, digits, _ or -; at most 64)';
    case 'too_small':
      return issue.origin === 'array' ? `a list of ${issue.minimum}` : 'a text that is not empty';
    case 'too_big':
      return `a list of ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the top';
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
