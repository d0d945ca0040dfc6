/** Where Weft keeps what it can make again: WEFT_CACHE, else `weft` in the user's cache folder. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export function weftCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.WEFT_CACHE) return resolve(environment.WEFT_CACHE);
  if (environment.XDG_CACHE_HOME) return resolve(environment.XDG_CACHE_HOME, 'weft');
  if (process.platform === 'win32' && environment.LOCALAPPDATA) return join(environment.LOCALAPPDATA, 'weft', 'cache');
  return join(homedir(), '.cache', 'weft');
}
