/**
 * Parameters against their specifications: check, convert texts (from `--set`), fill defaults.
 * Pure; no node: imports. Knows nothing of graphs: errors are told by validate/.
 */
import type { ParamSpec, ParamSpecs, ParamValue } from '../protocol/param.ts';
import { own } from './own.ts';
import { nearestName } from './suggest.ts';

export interface ParamProblem {
  /** Completes "Expected …". */
  readonly expected: string;
  readonly received: ParamValue | undefined;
  readonly hint: string;
}

/** What is wrong with a value, or undefined. An absent value is wrong when it has no default and is not optional. */
export function checkParam(spec: ParamSpec, value: ParamValue | undefined): ParamProblem | undefined {
  if (value === undefined) {
    const needless = ('optional' in spec && spec.optional === true) || spec.default !== undefined;
    return needless
      ? undefined
      : { expected: expectedOf(spec), received: undefined, hint: 'It has no default: give it a value.' };
  }
  return fits(spec, value) ? undefined : { expected: expectedOf(spec), received: value, hint: hintFor(spec, value) };
}

/** A text from the command line as the kind of its parameter; other values, and texts that do not convert, unchanged. */
export function convertParam(spec: ParamSpec, value: ParamValue): ParamValue {
  if (typeof value !== 'string') return value;
  switch (spec.kind) {
    case 'number': {
      const number = toNumber(value);
      return number ?? value;
    }
    case 'boolean':
      return /^(true|yes|on|1)$/i.test(value) ? true : /^(false|no|off|0)$/i.test(value) ? false : value;
    case 'texts':
      return toList(value, (text) => text) ?? value;
    case 'numbers':
      return toList(value, toNumber) ?? value;
    default:
      return value;
  }
}

/** Given values with defaults filled in; optional ones without a value stay absent. Unknown names are left out. */
export function fillParams(
  specs: ParamSpecs,
  given: Readonly<Record<string, ParamValue>> | undefined,
): Readonly<Record<string, ParamValue>> {
  const values: Record<string, ParamValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = own(given, name) ?? spec.default;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function fits(spec: ParamSpec, value: ParamValue): boolean {
  switch (spec.kind) {
    case 'number':
      return (
        typeof value === 'number' &&
        Number.isFinite(value) &&
        (spec.integer !== true || Number.isSafeInteger(value)) &&
        value >= (spec.min ?? Number.NEGATIVE_INFINITY) &&
        value <= (spec.max ?? Number.POSITIVE_INFINITY)
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && spec.options.includes(value);
    case 'text':
      return typeof value === 'string' && value.length <= (spec.maxLength ?? Number.POSITIVE_INFINITY);
    case 'source':
    case 'model':
      return typeof value === 'string' && value.trim() !== '' && !value.includes('\0');
    case 'texts':
      return isListOf('string', value) && hasCount(spec, value.length);
    case 'numbers':
      return isListOf('number', value) && value.every((item) => Number.isFinite(item)) && hasCount(spec, value.length);
  }
}

function isListOf(type: 'string' | 'number', value: ParamValue): value is readonly string[] | readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

function hasCount(spec: { readonly minItems?: number; readonly maxItems?: number }, count: number): boolean {
  return count >= (spec.minItems ?? 0) && count <= (spec.maxItems ?? Number.POSITIVE_INFINITY);
}

/** A specification in words: `a whole number from 1 to 100`. */
export function expectedOf(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'number':
      return `${spec.integer === true ? 'a whole number' : 'a number'}${range(spec.min, spec.max)}${spec.unit === undefined ? '' : ` (${spec.unit})`}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${spec.options.join(', ')}`;
    case 'text':
      return spec.maxLength === undefined ? 'a text' : `a text of at most ${spec.maxLength} characters`;
    case 'texts':
      return `${count(spec.minItems, spec.maxItems)}texts`;
    case 'numbers':
      return `${count(spec.minItems, spec.maxItems)}numbers`;
    case 'source':
      return spec.accept === 'image'
        ? 'a picture (file, folder, glob, data URL or upload)'
        : 'a file (path, glob or upload)';
    case 'model':
      return `a model${spec.families.length === 0 ? '' : ` (${spec.families.join(' or ')})`}`;
  }
}

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function count(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && min === max) return `a list of ${min} `;
  if (min !== undefined && max !== undefined) return `a list of ${min} to ${max} `;
  if (min !== undefined && min > 0) return `a list of at least ${min} `;
  return max === undefined ? 'a list of ' : `a list of at most ${max} `;
}

function hintFor(spec: ParamSpec, value: ParamValue): string {
  if (spec.kind === 'choice' && typeof value === 'string') {
    const near = nearestName(value, spec.options);
    if (near !== undefined) return `Did you mean "${near}"?`;
  }
  return spec.doc;
}

function toNumber(text: string): number | undefined {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** A JSON list, or parts separated by new lines (where there are any) or else by commas; undefined when one does not convert. */
function toList<T extends string | number>(text: string, convert: (part: string) => T | undefined): T[] | undefined {
  let parts: unknown[];
  if (text.trimStart().startsWith('[')) {
    try {
      parts = JSON.parse(text) as unknown[];
    } catch {
      return undefined;
    }
  } else {
    parts = text
      .split(/[\r\n]/.test(text) ? /[\r\n]+/ : ',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  const items: T[] = [];
  for (const part of parts) {
    const item = typeof part === 'string' || typeof part === 'number' ? convert(String(part)) : undefined;
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
