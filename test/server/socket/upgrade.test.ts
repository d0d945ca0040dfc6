import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../../src/protocol/socket-message.ts';
import { fakeApplication } from '../fake-application.ts';
import { TOKEN } from '../injection.ts';
import { connect, listen, refused } from '../listening.ts';
import { ScriptedRuntime } from '../scripted-runtime.ts';

const application = () => fakeApplication(new ScriptedRuntime());

describe('the door of /ws', () => {
  it('opens for the token as a subprotocol, and chooses the protocol, not the token', async () => {
    const { socket } = await connect(await listen(application()));
    expect(socket.protocol).toBe(SUBPROTOCOL);
  });

  it('opens for a program that sends the token as a header', async () => {
    const server = await listen(application());
    const headers = { authorization: `Bearer ${TOKEN}` };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, [SUBPROTOCOL], { headers });
    await once(socket, 'open');
    socket.terminate();
  });

  it.each([
    ['no token', { protocols: [SUBPROTOCOL] }, 401, 'server/unauthorized'],
    ['a wrong token', { protocols: [SUBPROTOCOL, 'token.of-somebody-else-here'] }, 401, 'server/unauthorized'],
    ['no protocol', { protocols: [`token.${TOKEN}`] }, 400, 'server/bad-request'],
    ['another protocol', { protocols: ['weft.9', `token.${TOKEN}`] }, 400, 'server/bad-request'],
    ['a foreign origin', { headers: { origin: 'https://evil.example' } }, 403, 'server/bad-origin'],
    ['a null origin', { headers: { origin: 'null' } }, 403, 'server/bad-origin'],
    ['a browser without origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'server/bad-origin'],
    ['a foreign host', { headers: { host: 'evil.example' } }, 403, 'server/bad-host'],
    ['another path', { path: '/other' }, 404, 'server/not-found'],
  ])('stays shut for %s', async (_, request, status, code) => {
    const server = await listen(application());
    const refusal = await refused(server, request);
    expect([refusal.status, refusal.error.code]).toEqual([status, code]);
  });

  it('opens for its own page', async () => {
    const server = await listen(application());
    const headers = { origin: `http://127.0.0.1:${server.port}` };
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, [SUBPROTOCOL, `token.${TOKEN}`], { headers });
    await once(socket, 'open');
    socket.terminate();
  });

  it('drops clients that no longer answer pings, and keeps those that do', async () => {
    const server = await listen(application(), { limits: { pingInterval: 300 } });
    const alive = await connect(server);
    const dead = await connect(server);
    // A client that hangs reads nothing, so it answers nothing.
    (dead.socket as unknown as { _socket: { pause(): void } })._socket.pause();
    let closed = 0;
    alive.socket.on('close', () => closed++);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(closed).toBe(0);
    (dead.socket as unknown as { _socket: { resume(): void } })._socket.resume();
    await once(dead.socket, 'close');
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('survives a client that speaks nonsense before and after the upgrade', async () => {
    const server = await listen(application());
    const nonsense = connectTcp(server.port, '127.0.0.1', () => nonsense.end('\0\0 no HTTP\r\n\r\n'));
    nonsense.on('error', () => {}).resume();
    await once(nonsense, 'close');
    const client = await connect(server);
    // Not masked and with reserved bits set: a frame no client may send.
    (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
      Buffer.from([0xff, 0x01, 0]),
    );
    await once(client.socket, 'close');
    const next = await connect(server);
    expect(await next.ask({ type: 'cancel', run: 'none' })).toMatchObject({ error: { code: 'run/unknown-run' } });
  });

  it('says goodbye when the server closes, and does not wait long for those who do not answer', async () => {
    const server = await listen(application(), { limits: { closeGrace: 50 } });
    const polite = await connect(server);
    const silent = await connect(server);
    (silent.socket as unknown as { _socket: { pause(): void } })._socket.pause();
    const goodbye = once(polite.socket, 'close');
    await server.close();
    expect((await goodbye)[0]).toBe(1001);
  });
});
