/** What a caller gives a task, checked and with its pictures decoded. Must not know models. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeftError } from '../../errors.ts';
import { decodeImage } from '../../image/decode.ts';
import type { ImageValue } from '../../protocol/value.ts';
import { isObject } from '../read-json.ts';
import type { TaskName, TaskSignatures } from './task.ts';
import { FIELD_KINDS, type FieldName, TASK_FIELDS, type TaskFields } from './task-fields.ts';

/** A picture as people have it: the path or URL of a file, its bytes, or one that is decoded. */
export type Picture = string | URL | Uint8Array | ImageValue;

/** Every picture in it may be given as a `Picture`. */
export type WithPictures<Input> = Input extends unknown
  ? {
      readonly [Key in keyof Input]: Key extends 'image' | 'query'
        ? Picture
        : Key extends 'images' | 'frames'
          ? readonly Picture[]
          : Input[Key];
    }
  : never;

interface Place {
  /** How errors name the model. */
  readonly model: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Throws `model/bad-input` for what is missing, unknown or of another kind, `input/not-found`, `input/bad-image`,
 * `input/image-too-large`, `run/cancelled`.
 */
export async function readTaskInput<Name extends TaskName>(
  task: Name,
  given: unknown,
  place: Place,
): Promise<Parameters<TaskSignatures[Name]>[0]> {
  const fields: TaskFields = TASK_FIELDS[task];
  const names = [...fields.needs.flat(), ...(fields.may ?? [])];
  const shape = `an object with ${shapeOf(fields)}`;
  if (typeof given !== 'object' || given === null) throw badInput(place.model, task, shape, typeof given);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const unknown = entries.map(([name]) => name).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw badInput(place.model, task, shape, `also ${unknown.join(', ')}`);
  const missing = fields.needs.find((group) => !group.some((name) => entries.some(([key]) => key === name)));
  if (missing !== undefined) throw badInput(place.model, task, shape, `no ${missing.join(' or ')}`);
  const read = entries.map(async ([name, value]) => [name, await readField(name as FieldName, value, place)] as const);
  return Object.fromEntries(await Promise.all(read)) as Parameters<TaskSignatures[Name]>[0];
}

function shapeOf({ needs, may = [] }: TaskFields): string {
  const needed = needs.map((group) => group.join(' or ')).join(', ');
  return may.length === 0 ? needed : `${needed}, and perhaps ${may.join(', ')}`;
}

async function readField(name: FieldName, value: unknown, place: Place): Promise<unknown> {
  const wrong = (expected: string): never => {
    throw badInput(place.model, name, expected, kindOf(value));
  };
  switch (FIELD_KINDS[name]) {
    case 'picture':
      return readPicture(value, name, place);
    case 'pictures':
      if (!Array.isArray(value) || value.length === 0) return wrong('a list of pictures');
      return Promise.all(value.map((one) => readPicture(one, name, place)));
    case 'text':
      return typeof value === 'string' ? value : wrong('a text');
    case 'texts':
      return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
        ? value
        : wrong('a list of texts');
    case 'number':
      return Number.isFinite(value) ? value : wrong('a number');
    case 'settings':
      return isObject(value) ? value : wrong('an object of settings for decoding');
    case 'regions':
      return isRegions(value) ? value : wrong('regions { features, boxes }');
  }
}

async function readPicture(value: unknown, input: string, { model, signal }: Place): Promise<ImageValue> {
  if (typeof value === 'string' || value instanceof URL) return readPictureFile(value, { model, input, signal });
  if (value instanceof Uint8Array) return decodeImage(value, { signal });
  if (isPictureValue(value)) return value;
  const expected = 'a picture: the path or URL of a file, its bytes, or a decoded Image';
  throw badInput(model, input, expected, kindOf(value));
}

async function readPictureFile(
  place: string | URL,
  { model, input, signal }: { model: string; input: string; signal: AbortSignal | undefined },
): Promise<ImageValue> {
  const isUrl = place instanceof URL || /^[a-z]+:\/\//i.test(place);
  if (isUrl && new URL(place).protocol !== 'file:') {
    throw badInput(model, input, 'a file: nothing is downloaded', String(place).slice(0, 100));
  }
  const path = isUrl ? fileURLToPath(place) : (place as string);
  const bytes = await readFile(path, signal === undefined ? {} : { signal }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.name === 'AbortError') throw new WeftError('run/cancelled', { reason: '' }, { cause: thrown });
    if (thrown.code === 'ENOENT') throw new WeftError('input/not-found', { path, base: process.cwd() });
    throw new WeftError('input/bad-file', { expected: 'a picture', path, reason: thrown.message }, { cause: thrown });
  });
  return decodeImage(bytes, { name: basename(path), signal });
}

function isPictureValue(value: unknown): value is ImageValue {
  const { kind, data, width, height } = (value ?? {}) as Partial<ImageValue>;
  const count = Number(width) * Number(height) * 3;
  return kind === 'Image' && data instanceof Uint8Array && count > 0 && data.length === count;
}

function isRegions(value: unknown): boolean {
  const { features, boxes } = (value ?? {}) as { features?: { kind?: unknown }; boxes?: unknown };
  return features?.kind === 'Features' && (boxes === undefined || boxes instanceof Float32Array);
}

function badInput(model: string, input: string, expected: string, received: string): WeftError {
  return new WeftError('model/bad-input', { model, input, expected, received });
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${typeof value[0]}`;
  const kind = (value as { kind?: unknown }).kind;
  if (typeof kind === 'string') return `a value of kind ${kind}`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : `a ${typeof value}`;
}
