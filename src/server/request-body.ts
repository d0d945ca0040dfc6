/** Checks what a client sent against its zod schema and turns a mismatch into one clear error. Pure. */
import type { z } from 'zod';
import { WeftError } from '../errors.ts';

/** The parsed body, or `server/bad-request` that says where, what was expected and what came. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown, where = 'the body'): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]);
  throw new WeftError('server/bad-request', {
    expected: expectation(issue),
    where: issue.path.length === 0 ? where : `"${issue.path.join('.')}" of ${where}`,
    received: describe(valueAt(body, issue.path)),
  });
}

/** What a value is, without repeating it at length. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

type Issue = z.core.$ZodIssue;

/** Of a union, the first problem of its first branch: that is what a person can act on. */
function deepest(issue: Issue | undefined): Issue {
  if (issue === undefined) throw new WeftError('internal', {}, { cause: new Error('zod reported no issue') });
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flat()[0];
  return inner === undefined ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `a value of type ${issue.expected}`;
    case 'unrecognized_keys':
      return `no field ${issue.keys.map((key) => `"${key.slice(0, 80)}"`).join(', ')}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    default:
      return issue.message;
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
