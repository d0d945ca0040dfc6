/**
 * The hub's cache as Python's huggingface_hub lays it out: `models--owner--name/{refs,snapshots,blobs}`.
 * Reads only; src/models/hub writes it. Environment variables as there.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRepository } from './reference.ts';

export const COMMIT = /^[0-9a-f]{40}$/;
const PREFIX = 'models--';

/** HF_HOME, else `huggingface` in the user's cache folder. */
export function hubHome(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.HF_HOME) return expand(environment.HF_HOME);
  return join(
    environment.XDG_CACHE_HOME ? expand(environment.XDG_CACHE_HOME) : join(homedir(), '.cache'),
    'huggingface',
  );
}

/** HF_HUB_CACHE, else the older HUGGINGFACE_HUB_CACHE, else `hub` in the hub's home. */
export function hubCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.HF_HUB_CACHE || environment.HUGGINGFACE_HUB_CACHE;
  return named ? expand(named) : join(hubHome(environment), 'hub');
}

/** `openai/clip-vit-base-patch32` lies in `models--openai--clip-vit-base-patch32`. */
export function repositoryFolder(cache: string, repo: string): string {
  return join(cache, PREFIX + repo.replace('/', '--'));
}

/** The folder of a revision's files, or undefined when it is not here. */
export async function snapshotFolder(cache: string, repo: string, revision: string): Promise<string | undefined> {
  const folder = repositoryFolder(cache, repo);
  const commit = COMMIT.test(revision)
    ? revision
    : (await readFile(join(folder, 'refs', ...revision.split('/')), 'utf8').catch(() => '')).trim();
  if (!COMMIT.test(commit)) return undefined;
  const snapshot = join(folder, 'snapshots', commit);
  const facts = await stat(snapshot).catch(() => undefined);
  return facts?.isDirectory() ? snapshot : undefined;
}

/** Every repository of the cache that holds models, by name. */
export async function cachedRepositories(cache: string): Promise<string[]> {
  const names = await readdir(cache).catch(() => []);
  return names
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length).replace('--', '/'))
    .filter(isRepository)
    .sort();
}

function expand(path: string): string {
  return resolve(path.replace(/^~(?=$|[\\/])/, homedir()));
}
