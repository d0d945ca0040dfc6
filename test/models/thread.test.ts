import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { threadEntry } from '../../src/models/thread.ts';

const root = new URL('../../', import.meta.url);

test('from sources, a thread runs the built module', () => {
  const entry = threadEntry(new URL('src/models/onnx/pool.ts', root).href, 'worker');
  expect(fileURLToPath(entry)).toBe(fileURLToPath(new URL('dist/src/models/onnx/worker.js', root)));
});

test('from built code, the module beside it', () => {
  const entry = threadEntry(new URL('dist/src/models/onnx/pool.js', root).href, 'worker');
  expect(fileURLToPath(entry)).toBe(fileURLToPath(new URL('dist/src/models/onnx/worker.js', root)));
});

test('what is not built says what to run', () => {
  expect(() => threadEntry(new URL('src/models/onnx/pool.ts', root).href, 'nothing')).toThrow(
    expect.objectContaining({ code: 'model/thread-not-built', remedy: expect.stringContaining('npm run build') }),
  );
});
