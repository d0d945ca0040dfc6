import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer } from '../../src/server/server.ts';
import { fakeApplication } from './fake-application.ts';
import { silent, TOKEN } from './injection.ts';
import { connect, listen } from './listening.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const application = fakeApplication(new ScriptedRuntime());

describe('startServer', () => {
  it('listens on this machine only, with a token of its own, and tells an address that carries it in the fragment', async () => {
    const server = await startServer(application, { port: 0, logger: silent });
    try {
      expect(server.url).toBe(`http://127.0.0.1:${server.port}/#token=${server.token}`);
      expect(server.token.length).toBeGreaterThanOrEqual(32);
      const headers = { authorization: `Bearer ${server.token}` };
      const response = await fetch(`http://127.0.0.1:${server.port}/api/health`, { headers });
      expect(await response.json()).toMatchObject({
        status: 'ok',
        version: '1.2.3',
        memory: application.system.memory(),
      });
      expect((await fetch(`http://127.0.0.1:${server.port}/api/health`)).status).toBe(401);
    } finally {
      await server.close();
    }
  });

  it('says when the port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(startServer(application, { port, logger: silent })).rejects.toMatchObject({
      code: 'server/port-in-use',
      message: `Expected to listen on 127.0.0.1:${port}, but the port is in use.`,
    });
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    [{ host: '203.0.113.7', port: 0 }],
    [{ host: 'no-such-host.invalid', port: 0 }],
    [{ host: '127.0.0.1', port: 70_000 }],
    [{ host: '127.0.0.1', port: 0, token: 'short' }],
  ])('refuses what it cannot use: %j', async (options) => {
    await expect(startServer(application, { logger: silent, ...options })).rejects.toMatchObject({
      code: 'usage/bad-argument',
    });
  });

  it('closes though clients, idle connections and half a request are there, and frees the port', async () => {
    const server = await listen(application, { limits: { closeGrace: 100 } });
    const client = await connect(server);
    const half = connectTcp(server.port, '127.0.0.1', () => half.write('POST /api/runs HTTP/1.1\r\nhost: local'));
    half.on('error', () => {});
    await once(half, 'connect');
    await fetch(`http://127.0.0.1:${server.port}/api/health`, { headers: { authorization: `Bearer ${TOKEN}` } });
    await server.close();
    expect(client.socket.readyState).not.toBe(WebSocket.OPEN);
    const next = await startServer(application, { port: server.port, logger: silent });
    await next.close();
  });
});
