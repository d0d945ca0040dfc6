/** Reads one JSON or text file of a model folder, with errors that name the model and the file. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../errors.ts';

/** The largest published tokenizer.json files have about 35 MB. */
const LIMIT_BYTES = 128 * 1024 * 1024;

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object in a file, or undefined when there is no such file. Throws `model/bad-config`. */
export async function readJson(folder: string, file: string, model: string): Promise<JsonObject | undefined> {
  const content = await parsed(folder, file, model);
  if (content === undefined || isObject(content)) return content;
  throw new WeftError('model/bad-config', { model, file, expected: 'a JSON object', received: kindOf(content) });
}

/** The list in a file, or undefined when there is no such file. Throws `model/bad-config`. */
export async function readJsonList(
  folder: string,
  file: string,
  model: string,
): Promise<readonly unknown[] | undefined> {
  const content = await parsed(folder, file, model);
  if (content === undefined || Array.isArray(content)) return content;
  throw new WeftError('model/bad-config', { model, file, expected: 'a JSON array', received: kindOf(content) });
}

async function parsed(folder: string, file: string, model: string): Promise<unknown> {
  const text = await readText(folder, file, model);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const received = `text that does not parse (${(thrown as Error).message.slice(0, 100)})`;
    throw new WeftError('model/bad-config', { model, file, expected: 'JSON', received });
  }
}

/** The text of a file, or undefined when there is no such file. Throws `model/bad-config`. */
export function readText(folder: string, file: string, model: string): Promise<string | undefined> {
  return readLimited(join(folder, file), file, model);
}

/** As `readJson`, for a file that must be there. `hint` says what to do when it is not: `model/missing-file`. */
export async function requireJson(folder: string, file: string, model: string, hint: string): Promise<JsonObject> {
  const content = await readJson(folder, file, model);
  if (content === undefined) throw new WeftError('model/missing-file', { model, file, hint });
  return content;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readLimited(path: string, file: string, model: string): Promise<string | undefined> {
  const handle = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return undefined;
    throw new WeftError('model/bad-config', { model, file, expected: 'a readable file', received: `${thrown.code}` });
  });
  if (handle === undefined) return undefined;
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > LIMIT_BYTES) {
      const received = facts.isFile() ? `${facts.size} bytes` : 'no regular file';
      throw new WeftError('model/bad-config', { model, file, expected: `at most ${LIMIT_BYTES} bytes`, received });
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
