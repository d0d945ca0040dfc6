/** Which hub, with which access, into which cache: the environment variables of Python's huggingface_hub. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WeftError } from '../../errors.ts';
import { hubCacheFolder, hubHome } from '../hub-cache.ts';

export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly cacheFolder: string;
}

const DEFAULT_ENDPOINT = 'https://huggingface.co';

/**
 * HF_ENDPOINT, HF_TOKEN (else the file of HF_TOKEN_PATH, else `token` in HF_HOME), HF_HUB_CACHE or HF_HOME.
 * Throws `usage/bad-argument` for an endpoint that is no web address.
 */
export async function readHubSettings(environment: NodeJS.ProcessEnv = process.env): Promise<HubSettings> {
  return {
    endpoint: endpointOf(environment.HF_ENDPOINT),
    token: await tokenOf(environment),
    cacheFolder: hubCacheFolder(environment),
  };
}

/** HF_HUB_OFFLINE forbids every download, as in Python. */
export function isOffline(environment: NodeJS.ProcessEnv = process.env): boolean {
  return /^(?:1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? '');
}

function endpointOf(written: string | undefined): string {
  const text = written || DEFAULT_ENDPOINT;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new WeftError('usage/bad-argument', {
    expected: 'an http or https address in HF_ENDPOINT',
    received: `"${text}"`,
    command: 'models pull',
  });
}

async function tokenOf(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = environment.HF_TOKEN || environment.HUGGING_FACE_HUB_TOKEN;
  const file = environment.HF_TOKEN_PATH || join(hubHome(environment), 'token');
  const token = (named ?? (await readFile(file, 'utf8').catch(() => ''))).trim();
  return token === '' ? undefined : token;
}
