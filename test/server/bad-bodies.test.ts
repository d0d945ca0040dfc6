import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { exampleGraph, fakeApplication } from './fake-application.ts';
import { errorOf, injector } from './injection.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const submit = { method: 'POST', url: '/api/runs' } as const;
const json = { 'content-type': 'application/json' };

describe('a body that does not fit', () => {
  it.each([
    ['no body', undefined, {}, 'the body'],
    ['an array', '[]', json, 'the body'],
    ['a graph that is a text', '{"graph":"x"}', json, '"graph" of the body'],
    ['no graph', '{}', json, '"graph" of the body'],
    ['a set of the wrong kind', '{"graph":{},"set":{"a":{}}}', json, '"set.a" of the body'],
    ['outputs that are no list', '{"graph":{},"outputs":"a"}', json, '"outputs" of the body'],
    ['outputs that are no names', '{"graph":{},"outputs":["a",1]}', json, '"outputs.1" of the body'],
    ['an unknown field', '{"graph":{},"extra":1}', json, 'the body'],
    ['broken JSON', '{"graph":', json, 'the request'],
    ['an empty body', '', json, 'the request'],
    ['another content type', 'graph', { 'content-type': 'text/plain' }, 'the request'],
    ['a form', 'graph=1', { 'content-type': 'application/x-www-form-urlencoded' }, 'the request'],
  ])('%s is told where', async (_, body, headers, where) => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()));
    const response = await inject({ ...submit, headers, ...(body === undefined ? {} : { body }) });
    expect(response.statusCode).toBe(400);
    expect(errorOf(response)).toMatchObject({ code: 'server/bad-request', details: { where } });
  });

  it('cannot reach a prototype', async () => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()));
    const response = await inject({ ...submit, headers: json, body: '{"graph":{},"__proto__":{"x":1}}' });
    expect(response.statusCode).toBe(400);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('is refused when it is too large (413), by what arrives and by what is announced', async () => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()), { limits: { bodyBytes: 1000 } });
    const response = await inject({ ...submit, body: { graph: { ...exampleGraph, description: 'x'.repeat(1000) } } });
    expect(response.statusCode).toBe(413);
    expect(errorOf(response)).toMatchObject({ code: 'input/too-large', details: { limit: '1000 bytes' } });
  });
});

describe('an unexpected error', () => {
  it('is answered generically and logged whole', async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const application = fakeApplication(new ScriptedRuntime(), {
      models: {
        list: async () => {
          throw new TypeError('secret path /home/someone');
        },
        info: () => Promise.reject(new TypeError()),
        details: () => Promise.reject(new TypeError()),
        pull: () => Promise.reject(new TypeError()),
      },
    });
    const inject = await injector(application, { logger: pino({ level: 'warn' }, stream) });
    const response = await inject({ url: '/api/models' });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('secret');
    expect(errorOf(response).code).toBe('internal');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'request failed',
      url: '/api/models',
      err: { type: 'TypeError', message: 'secret path /home/someone' },
    });
  });
});
