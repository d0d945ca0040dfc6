import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOffline, readHubSettings } from '../../../src/models/hub/hub-settings.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weft-home-'));
  await writeFile(join(home, 'token'), 'from-file\n');
  await writeFile(join(home, 'other'), 'from-other');
});
afterAll(() => rm(home, { recursive: true }));

describe('the environment of huggingface_hub', () => {
  test('says where the cache is', async () => {
    const folder = async (environment: NodeJS.ProcessEnv) => (await readHubSettings(environment)).cacheFolder;
    expect(await folder({})).toBe(join(homedir(), '.cache', 'huggingface', 'hub'));
    expect(await folder({ XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'huggingface', 'hub'));
    expect(await folder({ HF_HOME: '/h', XDG_CACHE_HOME: '/x' })).toBe(join('/h', 'hub'));
    expect(await folder({ HF_HUB_CACHE: '/c', HF_HOME: '/h' })).toBe('/c');
    expect(await folder({ HF_HOME: '~/models' })).toBe(join(homedir(), 'models', 'hub'));
  });

  test('says who asks: the variable first, then the file', async () => {
    const token = async (environment: NodeJS.ProcessEnv) => (await readHubSettings(environment)).token;
    expect(await token({ HF_HOME: home, HF_TOKEN: ' given ' })).toBe('given');
    expect(await token({ HF_HOME: home })).toBe('from-file');
    expect(await token({ HF_HOME: home, HF_TOKEN_PATH: join(home, 'other') })).toBe('from-other');
    expect(await token({ HF_HOME: join(home, 'nothing') })).toBeUndefined();
  });

  test('says which hub', async () => {
    const endpoint = async (HF_ENDPOINT?: string) =>
      (await readHubSettings(HF_ENDPOINT ? { HF_ENDPOINT } : {})).endpoint;
    expect(await endpoint()).toBe('https://huggingface.co');
    expect(await endpoint('http://localhost:8080/')).toBe('http://localhost:8080');
    await expect(endpoint('file:///etc')).rejects.toMatchObject({ code: 'usage/bad-argument' });
    await expect(endpoint('hub')).rejects.toMatchObject({ code: 'usage/bad-argument' });
  });

  test('says whether to go there at all', () => {
    expect(isOffline({ HF_HUB_OFFLINE: '1' })).toBe(true);
    expect(isOffline({ HF_HUB_OFFLINE: '0' })).toBe(false);
    expect(isOffline({})).toBe(false);
  });
});
