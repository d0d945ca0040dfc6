import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { fakeApplication } from './fake-application.ts';
import { errorOf, injector } from './injection.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 10]);
const upload = { method: 'POST', url: '/api/uploads?name=cat.png', body: bytes } as const;

describe('uploads', () => {
  it.each(['image/png', 'application/octet-stream', 'application/json', 'text/plain', undefined])(
    'take raw bytes as %s',
    async (type) => {
      const seen: Uint8Array[] = [];
      const application = fakeApplication(new ScriptedRuntime(), {
        uploads: { put: async (given) => ({ ref: 'upload:x.png', width: seen.push(given), height: 1 }) },
      });
      const inject = await injector(application);
      const response = await inject({ ...upload, headers: { 'content-type': type } });
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual({ ref: 'upload:x.png', width: 1, height: 1 });
      expect(Buffer.from(seen[0] ?? [])).toEqual(bytes);
    },
  );

  it.each([
    ['/api/uploads', 'nothing'],
    ['/api/uploads?name=', '""'],
    ['/api/uploads?name=a&name=b', 'an array'],
    ['/api/uploads?name=a%00.png', '"a\\u0000.png"'],
    [`/api/uploads?name=${'a'.repeat(256)}`, '"aaa'],
  ])('need a file name: %s', async (url, received) => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()));
    const response = await inject({ ...upload, url });
    expect(response.statusCode).toBe(400);
    expect(errorOf(response).message).toContain(received);
  });

  it('drop the folders of a name', async () => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()));
    const response = await inject({ ...upload, url: '/api/uploads?name=..%2F..%2Fetc%2Fcat.png' });
    expect(response.json().ref).toBe('upload:7-cat.png');
  });

  it('refuse nothing, and too much (413)', async () => {
    const inject = await injector(fakeApplication(new ScriptedRuntime()), { limits: { uploadBytes: 6 } });
    const empty = await inject({ ...upload, body: Buffer.alloc(0) });
    expect([empty.statusCode, errorOf(empty).code]).toEqual([422, 'input/empty']);
    const large = await inject(upload);
    expect([large.statusCode, errorOf(large).code]).toEqual([413, 'input/too-large']);
    expect(errorOf(large).details?.limit).toBe('6 bytes');
  });

  it('pass on what the application says of the bytes', async () => {
    const error = new WeftError('input/bad-image', { name: 'cat.png', reason: 'it is cut short' });
    const application = fakeApplication(new ScriptedRuntime(), { uploads: { put: () => Promise.reject(error) } });
    const response = await (await injector(application))(upload);
    expect([response.statusCode, errorOf(response).code]).toEqual([422, 'input/bad-image']);
  });
});
