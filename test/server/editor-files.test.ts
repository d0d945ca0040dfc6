import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeApplication } from './fake-application.ts';
import { errorOf, injector } from './injection.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-editor-'));
mkdirSync(join(folder, 'editor/assets'), { recursive: true });
writeFileSync(join(folder, 'editor/index.html'), '<!doctype html><title>Weft</title>');
writeFileSync(join(folder, 'editor/assets/app-1a2b.js'), 'export {};');
writeFileSync(join(folder, 'editor/.secret'), 'secret');
writeFileSync(join(folder, 'outside.txt'), 'outside');
afterAll(() => rmSync(folder, { recursive: true }));

const built = () => injector(fakeApplication(new ScriptedRuntime(), { editorFolder: join(folder, 'editor') }));
const noToken = { authorization: undefined };

describe('the editor', () => {
  it('needs no token, allows no inline script, no eval and no frame', async () => {
    const response = await (await built())({ url: '/', headers: noToken });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/html');
    const policy = String(response.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("img-src 'self' blob: data:");
    expect(policy).not.toMatch(/unsafe-eval|unsafe-inline|\*/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.headers['referrer-policy']).toBe('no-referrer');
    expect(response.headers['cache-control']).toBe('no-cache');
  });

  it('lets browsers keep what is named by its content', async () => {
    const response = await (await built())({ url: '/assets/app-1a2b.js', headers: noToken });
    expect(response.headers['content-type']).toContain('javascript');
    expect(response.headers['cache-control']).toContain('immutable');
  });

  it.each(['/../outside.txt', '/..%2foutside.txt', '/assets/..%2f..%2foutside.txt', '/.secret', '/%2e%2e/outside.txt'])(
    'gives nothing but its own files: %s',
    async (url) => {
      const response = await (await built())({ url, headers: noToken });
      expect([response.statusCode, errorOf(response).code]).toEqual([404, 'server/not-found']);
    },
  );

  it('says how to build it when it is not there; the API works all the same', async () => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()));
    const response = await inject({ url: '/', headers: noToken });
    expect([response.statusCode, errorOf(response).code]).toEqual([500, 'server/not-built']);
    expect((await inject({ url: '/api/health' })).statusCode).toBe(200);
  });
});
