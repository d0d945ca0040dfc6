import { expect, test } from 'vitest';
import { ApiClient, ApiError } from '../../../editor/src/api/client.ts';
import { WeftError } from '../../../src/errors.ts';

function answering(status: number, body: unknown) {
  const requests: { path: string; init: RequestInit }[] = [];
  const client = new ApiClient('secret', async (path, init) => {
    requests.push({ path: String(path), init: init ?? {} });
    return new Response(JSON.stringify(body), { status });
  });
  return { client, requests };
}

test('every request carries the token; names are escaped', async () => {
  const { client, requests } = answering(200, { name: 'a b' });
  await client.saveGraph('a b', { weft: 1, name: 'x', nodes: {} }, 'rev');
  expect(requests[0]?.path).toBe('/api/graphs/a%20b');
  expect(requests[0]?.init.headers).toMatchObject({ Authorization: 'Bearer secret' });
  expect(JSON.parse(String(requests[0]?.init.body))).toEqual({
    graph: { weft: 1, name: 'x', nodes: {} },
    revision: 'rev',
  });
});

test('an error answer becomes the error it carries', async () => {
  const error = new WeftError('server/conflict', { name: 'x', expected: 'a', received: 'b' }).toJSON();
  const { client } = answering(409, { error });
  const thrown = await client.graphs().catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(ApiError);
  expect(thrown).toMatchObject({ status: 409, shape: error });
});

test('a server that is gone is told plainly', async () => {
  const client = new ApiClient('secret', async () => {
    throw new TypeError('fetch failed');
  });
  await expect(client.nodes()).rejects.toMatchObject({ status: 0, message: 'The server cannot be reached.' });
});
