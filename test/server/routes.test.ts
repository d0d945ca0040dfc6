import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { exampleGraph, exampleModel, exampleNode, fakeApplication } from './fake-application.ts';
import { errorOf, injector } from './injection.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

async function setUp() {
  const runtime = new ScriptedRuntime();
  return { runtime, inject: await injector(fakeApplication(runtime)) };
}

describe('the catalogue', () => {
  it('tells health, nodes and models, and lets nobody store them', async () => {
    const { inject } = await setUp();
    const health = await inject({ url: '/api/health' });
    expect(health.json()).toEqual({ status: 'ok', version: '1.2.3', memory: { resident: 1000, native: null } });
    expect(health.headers['cache-control']).toBe('no-store');
    expect((await inject({ url: '/api/nodes' })).json()).toEqual([exampleNode]);
    expect((await inject({ url: '/api/models' })).json()).toEqual([exampleModel]);
  });
});

describe('graphs', () => {
  it('are listed, read and saved with the revision that was read', async () => {
    const { inject } = await setUp();
    expect((await inject({ url: '/api/graphs' })).json()).toMatchObject([{ name: 'example', revision: '1' }]);
    const read = (await inject({ url: '/api/graphs/example' })).json();
    expect(read).toMatchObject({ name: 'example', revision: '1', graph: exampleGraph });
    const body = { graph: { ...read.graph, description: 'changed' }, revision: read.revision };
    const saved = await inject({ method: 'PUT', url: '/api/graphs/example', body });
    expect(saved.json()).toMatchObject({ name: 'example', revision: '2' });
    expect((await inject({ url: '/api/graphs/example' })).json().graph.description).toBe('changed');
  });

  it('are not saved over a change of someone else (409)', async () => {
    const { inject } = await setUp();
    for (const body of [{ graph: exampleGraph }, { graph: exampleGraph, revision: '0' }]) {
      const response = await inject({ method: 'PUT', url: '/api/graphs/example', body });
      expect(response.statusCode).toBe(409);
      expect(errorOf(response)).toMatchObject({ code: 'server/conflict', details: { expected: '1' } });
    }
  });

  it('are not saved in a shape that is no graph', async () => {
    const { inject } = await setUp();
    const response = await inject({ method: 'PUT', url: '/api/graphs/new', body: { graph: { weft: 1, name: 'x' } } });
    expect(response.statusCode).toBe(422);
    expect(errorOf(response).code).toMatch(/^graph\//);
  });

  it.each(['..%2F..%2Fetc%2Fpasswd', '%2e%2e', 'a.b', 'a%00', `${'a'.repeat(65)}`])(
    'have plain names: %s is refused',
    async (name) => {
      const { inject } = await setUp();
      for (const method of ['GET', 'PUT'] as const) {
        const response = await inject({
          method,
          url: `/api/graphs/${name}`,
          ...(method === 'PUT' ? { body: { graph: exampleGraph } } : {}),
        });
        expect([400, 404]).toContain(response.statusCode);
        expect(errorOf(response).code).toMatch(/^server\/(bad-request|not-found)$/);
      }
    },
  );

  it('that are unknown are told (404)', async () => {
    const { inject } = await setUp();
    const response = await inject({ url: '/api/graphs/unknown' });
    expect(response.statusCode).toBe(404);
    expect(errorOf(response).code).toBe('input/not-found');
  });
});

describe('validation', () => {
  it('hands graph and values to the runtime and tells every error', async () => {
    const { inject, runtime } = await setUp();
    const error = new WeftError('graph/missing-input', { node: 'a', socket: 'image', type: 'Image' });
    runtime.validation = { errors: [error, error] };
    const body = { graph: exampleGraph, set: { word: 'hi' } };
    const response = await inject({ method: 'POST', url: '/api/validate', body });
    expect(response.statusCode).toBe(200);
    expect(response.json().errors).toHaveLength(2);
    expect(response.json().errors[0]).toMatchObject({ code: 'graph/missing-input', node: 'a', socket: 'image' });
    expect(runtime.validated).toEqual([{ graph: exampleGraph, options: { set: { word: 'hi' } } }]);
  });
});

describe('runs', () => {
  const submit = { method: 'POST', url: '/api/runs' } as const;

  it('start with values and outputs, and tell their result', async () => {
    const { inject, runtime } = await setUp();
    runtime.script = (run) => {
      run.emit({ type: 'run.started', nodes: ['hello'] });
      run.finish({
        outputs: { word: [{ item: { index: 0, key: 'a' }, value: { kind: 'Text', text: 'hi' } }] },
        failures: [{ node: 'hello', error: new WeftError('run/node-failed', { node: 'hello' }).toJSON() }],
      });
    };
    const body = { graph: exampleGraph, set: { word: 'hi' }, outputs: ['word'] };
    const response = await inject({ ...submit, body });
    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({ run: 'run-1' });
    expect(response.headers.location).toBe('/api/runs/run-1');
    expect(runtime.last.options).toEqual({ set: { word: 'hi' }, outputs: ['word'] });
    const result = (await inject({ url: '/api/runs/run-1' })).json();
    expect(result).toMatchObject({ run: 'run-1', status: 'finished' });
    expect(result.outputs.word).toEqual([{ item: { index: 0, key: 'a' }, value: { kind: 'Text', text: 'hi' } }]);
    expect(result.failures).toMatchObject([{ node: 'hello', error: { code: 'run/node-failed' } }]);
  });

  it('answer a graph with errors at once, with all of them', async () => {
    const { inject, runtime } = await setUp();
    const one = new WeftError('graph/cycle', { nodes: ['a', 'b'] });
    runtime.validation = { errors: [one] };
    const response = await inject({ ...submit, body: { graph: exampleGraph } });
    expect(response.statusCode).toBe(422);
    expect(errorOf(response)).toMatchObject({ code: 'graph/invalid', errors: [{ code: 'graph/cycle' }] });
    expect(runtime.runs.size).toBe(0);
  });

  it('that are under way say so, and are cancelled by DELETE', async () => {
    const { inject, runtime } = await setUp();
    runtime.script = (run) => run.emit({ type: 'run.started', nodes: ['hello'] });
    await inject({ ...submit, body: { graph: exampleGraph } });
    expect((await inject({ url: '/api/runs/run-1' })).json()).toMatchObject({ status: 'running', outputs: {} });
    const gone = await inject({ method: 'DELETE', url: '/api/runs/run-1' });
    expect([gone.statusCode, gone.body]).toEqual([204, '']);
    expect((await inject({ url: '/api/runs/run-1' })).json()).toMatchObject({
      status: 'cancelled',
      error: { code: 'run/cancelled' },
    });
  });

  it('that are unknown are told (404)', async () => {
    const { inject } = await setUp();
    for (const method of ['GET', 'DELETE'] as const) {
      const response = await inject({ method, url: '/api/runs/nobody' });
      expect([response.statusCode, errorOf(response).code]).toEqual([404, 'run/unknown-run']);
    }
  });

  it('that are too many are told (429)', async () => {
    const { inject, runtime } = await setUp();
    runtime.script = (run) => run.fail(new WeftError('run/too-many', { limit: 4, received: 4 }));
    const response = await inject({ ...submit, body: { graph: exampleGraph } });
    expect([response.statusCode, errorOf(response).code]).toEqual([429, 'run/too-many']);
  });
});

describe('unknown addresses', () => {
  it.each([
    ['GET', '/api/nowhere'],
    ['GET', '/nowhere.js'],
    ['POST', '/api/nodes'],
    ['GET', '/api'],
  ] as const)('%s %s is told as the catalogue says', async (method, url) => {
    const { inject } = await setUp();
    const response = await inject({ method, url });
    expect(response.statusCode).toBe(404);
    expect(errorOf(response)).toMatchObject({ code: 'server/not-found', details: { method, path: url } });
  });
});
