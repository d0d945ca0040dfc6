/** The server over the real application: real nodes, the zoo's model, files and uploads. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApplication } from '../../src/app.ts';
import type { Application, ServerHandle } from '../../src/protocol/application.ts';
import type { WireEvent } from '../../src/protocol/socket-message.ts';
import { startServer } from '../../src/server/server.ts';
import { repositoryRoot } from '../rules/source-tree.ts';
import { silent } from './injection.ts';
import { type Client, connect } from './listening.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-server-'));
let application: Application;
let server: ServerHandle;

beforeAll(async () => {
  application = await createApplication({ bases: [folder], cacheFolder: join(folder, 'cache') });
  server = await startServer(application, { port: 0, logger: silent });
});

afterAll(async () => {
  await server.close();
  await application.close();
  rmSync(folder, { recursive: true, force: true });
});

async function api(method: string, path: string, body?: object | Buffer) {
  const raw = Buffer.isBuffer(body);
  const response = await fetch(`http://127.0.0.1:${server.port}/api${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(body === undefined ? {} : { 'content-type': raw ? 'image/png' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: raw ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function run(client: Client, message: object): Promise<WireEvent[]> {
  const reply = await client.ask({ type: 'submit', ...message });
  if ('error' in reply) expect.fail(JSON.stringify(reply.error));
  const events = () => client.events.filter((event) => event.run === reply.run);
  await client.until(() => /^run\.(finished|failed|cancelled)$/.test(events().at(-1)?.type ?? ''));
  return events();
}

const scene = readFileSync(join(repositoryRoot, 'graphs/examples/scene-1.png'));

describe('the server over the whole application', { timeout: 120_000 }, () => {
  it('offers the gallery; its zero-shot graph runs on an uploaded picture, with scores and a preview', async () => {
    const { graph } = (await api('GET', '/graphs/zero-shot')).body;
    const upload = await api('POST', '/uploads?name=scene.png', scene);
    expect(upload.body).toMatchObject({ ref: expect.stringMatching(/^upload:/), width: expect.any(Number) });
    const client = await connect(server);
    const events = await run(client, { graph, set: { image: upload.body.ref }, previews: true });
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', failures: 0 });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    const scores = events.find((event) => event.type === 'node.output' && event.value.kind === 'Scores');
    expect(scores).toMatchObject({ value: { normalized: true } });
    await client.until(() => client.previews.length > 0);
    expect(client.previews[0]?.header.mime).toMatch(/^image\//);
    expect(client.previews[0]?.picture.length).toBeGreaterThan(100);
    const result = await api('GET', `/runs/${events[0]?.run}`);
    expect(result.body).toMatchObject({ status: 'finished', failures: [] });
    expect(Object.keys(result.body.outputs)).toEqual(Object.keys(graph.outputs));
  });

  it('tells of every graph which models it needs and whether they are here', async () => {
    const { body } = await api('GET', '/graphs');
    const modelsOf = (name: string) => body.find((entry: { name: string }) => entry.name === name)?.models;
    expect(modelsOf('zero-shot')).toEqual([{ ref: 'zoo/clip-shapes', present: true }]);
    expect(modelsOf('owlv2-detection')).toEqual([{ ref: 'google/owlv2-base-patch16', present: false }]);
  });

  it('saves a graph once, and refuses to save over a change', async () => {
    const { graph } = (await api('GET', '/graphs/zero-shot')).body;
    const saved = await api('PUT', '/graphs/mine', { graph });
    expect(saved.body).toMatchObject({ name: 'mine', editable: true });
    expect((await api('PUT', '/graphs/mine', { graph })).status).toBe(409);
    const again = await api('PUT', '/graphs/mine', { graph, revision: saved.body.revision });
    expect(again.status).toBe(200);
  });

  it('refuses uploads that are no pictures, and goes on', async () => {
    for (const bytes of [Buffer.from('GIF89a'), scene.subarray(0, 200), Buffer.alloc(100)]) {
      const { status, body } = await api('POST', '/uploads?name=bad.png', bytes);
      expect([status, body.error.code]).toEqual([422, 'input/bad-image']);
    }
    expect((await api('GET', '/health')).status).toBe(200);
  });

  it('lets no graph read outside its folders', async () => {
    const graph = {
      weft: 1,
      name: 'nosy',
      outputs: { image: ['img', 'image'] },
      nodes: { img: { type: 'source/image', params: { source: '/etc/passwd' } } },
    };
    const events = await run(await connect(server), { graph });
    expect(events.at(-1)).toMatchObject({ type: 'run.failed', error: { code: 'input/outside-roots' } });
  });

  it('answers a graph with errors over both ways with all of them', async () => {
    const graph = { weft: 1, name: 'bad', outputs: { a: ['x', 'y'] }, nodes: { z: { type: 'head/zero-shto' } } };
    const http = await api('POST', '/runs', { graph });
    expect([http.status, http.body.error.code]).toEqual([422, 'graph/invalid']);
    const events = await run(await connect(server), { graph });
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'run.failed', error: { code: 'graph/invalid' } });
    expect(last?.type === 'run.failed' ? last.error.errors : []).toEqual(http.body.error.errors);
  });
});
