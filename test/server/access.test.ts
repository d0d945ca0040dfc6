import { describe, expect, it } from 'vitest';
import { Access, checkTokenShape, isLoopback, makeToken } from '../../src/server/access.ts';
import { fakeApplication } from './fake-application.ts';
import { errorOf, injector, TOKEN } from './injection.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const application = fakeApplication(new ScriptedRuntime());
const health = { url: '/api/health' };

describe('the token', () => {
  it.each([
    ['none', undefined, 'none'],
    ['a wrong one', 'Bearer another-token-of-this-length', 'another one'],
    ['a prefix of it', `Bearer ${TOKEN.slice(0, -1)}`, 'another one'],
    ['another scheme', `Basic ${TOKEN}`, 'none'],
  ])('is refused when %s is sent', async (_, authorization, received) => {
    const inject = await injector(application);
    const response = await inject({ ...health, headers: { authorization } });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(errorOf(response)).toMatchObject({ code: 'server/unauthorized', details: { received } });
  });

  it.each([
    '/api/nodes',
    '/api/models',
    '/api/graphs',
    '/api/graphs/example',
    '/api/runs/run-1',
    '/api/nowhere',
    '//api/nodes',
    '/api/../api/nodes',
    '/API/nodes',
  ])('guards GET %s', async (url) => {
    const inject = await injector(application);
    const { statusCode, body } = await inject({ url, headers: { authorization: undefined } });
    expect([401, 404]).toContain(statusCode);
    expect(body).not.toContain('source/word');
  });

  it.each([
    ['POST', '/api/validate'],
    ['POST', '/api/runs'],
    ['POST', '/api/uploads?name=a.png'],
    ['PUT', '/api/graphs/example'],
    ['DELETE', '/api/runs/run-1'],
  ] as const)('guards %s %s', async (method, url) => {
    const inject = await injector(application);
    expect((await inject({ method, url, headers: { authorization: undefined } })).statusCode).toBe(401);
  });

  it('is never in an address that the server reads', async () => {
    const inject = await injector(application);
    const response = await inject({ url: `/api/health?token=${TOKEN}`, headers: { authorization: undefined } });
    expect(response.statusCode).toBe(401);
  });

  it('is random, long, and of a shape that fits every place', () => {
    expect(makeToken()).not.toBe(makeToken());
    expect(checkTokenShape(makeToken())).toHaveLength(32);
    for (const bad of ['short', 'with space in it, long', 'ü'.repeat(20), 'a'.repeat(257)]) {
      expect(() => checkTokenShape(bad)).toThrow(/16 to 256/);
    }
  });
});

describe('the origin', () => {
  const status = async (headers: Record<string, string | undefined>, allowOrigins: string[] = []) =>
    (await (await injector(application, { allowOrigins }))({ ...health, headers })).statusCode;

  it("may be the server's own, or absent from a program", async () => {
    expect(await status({ origin: 'http://localhost:7878' })).toBe(200);
    expect(await status({ origin: 'HTTP://LOCALHOST:7878' })).toBe(200);
    expect(await status({})).toBe(200);
    expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  });

  it.each([
    'null',
    'https://evil.example',
    'http://localhost:7879',
    'https://localhost:7878',
    'http://127.0.0.1:7878',
    'http://localhost:7878.evil.example',
    'file://',
    '',
  ])('is refused when it is "%s"', async (origin) => {
    expect(await status({ origin })).toBe(403);
  });

  it('may not be left out by a browser that comes from elsewhere', async () => {
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  it('may be another one that was allowed, and then gets CORS headers and preflights', async () => {
    const inject = await injector(application, { allowOrigins: ['https://lab.example'] });
    const response = await inject({ ...health, headers: { origin: 'https://lab.example' } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['access-control-allow-origin']).toBe('https://lab.example');
    const preflight = {
      method: 'OPTIONS',
      url: '/api/runs',
      headers: { origin: 'https://lab.example', authorization: undefined, 'access-control-request-method': 'POST' },
    } as const;
    const answer = await inject(preflight);
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('authorization');
    const refused = await inject({ ...preflight, headers: { ...preflight.headers, origin: 'https://evil.example' } });
    expect(refused.statusCode).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('guards the editor files too, but anyone may link to them', async () => {
    const inject = await injector(application);
    expect((await inject({ url: '/', headers: { origin: 'null' } })).statusCode).toBe(403);
    expect((await inject({ url: '/', headers: { 'sec-fetch-site': 'cross-site' } })).statusCode).toBe(500);
  });
});

describe('the host', () => {
  const access = (host: string, allowHosts: string[] = []) =>
    new Access({ token: TOKEN, host, allowOrigins: [], allowHosts });
  const ask = (guard: Access, host: string | undefined, localAddress = '127.0.0.1', localPort = 7878) =>
    guard.checkHost({ headers: host === undefined ? {} : { host }, localAddress, localPort });

  it.each(['localhost:7878', '127.0.0.1:7878', '[::1]:7878', 'LOCALHOST:7878'])('may be %s', (host) => {
    expect(() => ask(access('127.0.0.1'), host)).not.toThrow();
  });

  it.each([
    undefined,
    '',
    'evil.example:7878',
    'localhost.evil.example:7878',
    'localhost',
    'localhost:80',
    'localhost:7878:7878',
    '127.0.0.1:7878@evil.example',
    '192.168.1.5:7878',
    'localhost.:7878',
  ])('is refused when it is %s', (host) => {
    expect(() => ask(access('127.0.0.1'), host)).toThrow(/own address/);
  });

  it('may be the address a connection came in by, when the server listens on all', () => {
    const guard = access('0.0.0.0');
    expect(() => ask(guard, '192.168.1.5:7878', '::ffff:192.168.1.5')).not.toThrow();
    expect(() => ask(guard, 'evil.example:7878', '192.168.1.5')).toThrow();
    expect(() => ask(guard, 'localhost:7878', '192.168.1.5')).toThrow();
    expect(() => ask(guard, '0.0.0.0:7878', '192.168.1.5')).toThrow();
  });

  it('may be one that was allowed: with any port, or with the one given', () => {
    expect(() => ask(access('127.0.0.1', ['weft.example']), 'weft.example')).not.toThrow();
    expect(() => ask(access('127.0.0.1', ['weft.example:443']), 'weft.example:443')).not.toThrow();
    expect(() => ask(access('127.0.0.1', ['weft.example:443']), 'weft.example:444')).toThrow();
  });

  it('is checked before anything else, on every address', async () => {
    const inject = await injector(application);
    for (const url of ['/', '/api/health', '/nowhere']) {
      const response = await inject({ url, headers: { host: 'evil.example', authorization: undefined } });
      expect(response.statusCode).toBe(403);
      expect(errorOf(response).code).toBe('server/bad-host');
    }
  });

  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', '0.0.0.0', '::', '2001:db8::1'].some(isLoopback)).toBe(false);
  });
});
