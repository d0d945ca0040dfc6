/**
 * The addon itself, without the checks of src/native: garbage must come back as a coded error, and environments
 * that end in the middle of work must not take the process with them.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, runCode } from './child.ts';

interface Addon {
  available(...args: unknown[]): string[];
  open(...args: unknown[]): { isa: string; threads: number };
  preprocess(...args: unknown[]): { promise: Promise<void>; cancel: () => void };
}

const ADDON = process.env.WEFT_ADDON ?? join(ROOT, 'build', 'Release', 'weft.node');
const addon = createRequire(import.meta.url)(ADDON) as Addon;

const request = {
  data: new Uint8Array(300),
  width: 10,
  height: 10,
  channels: 3,
  crop: { left: 0, top: 0, width: 10, height: 10 },
  canvas: { left: 0, top: 0, width: 10, height: 10 },
  canvasValue: 0,
  factor: 1,
  floats: new Float32Array(300),
};
const resize = { width: 5, height: 5, filter: 4, box: [0, 0, 10, 10], reducingGap: 0 };

function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing was thrown';
}

describe('open', () => {
  it('refuses names, threads and calls before it', () => {
    expect(codeOf(() => addon.preprocess([request]))).toBe('native/bad-argument');
    expect(codeOf(() => addon.open('mmx'))).toBe('native/bad-isa');
    expect(codeOf(() => addon.open('neon x'))).toBe('native/bad-isa');
    expect(codeOf(() => addon.open(''.padEnd(1e6, 'a')))).toBe('native/bad-isa');
    for (const threads of [0, -1, 1.5, 257, Number.NaN, '2', null]) {
      expect(
        codeOf(() => addon.open('', threads)),
        String(threads),
      ).toBe('native/bad-threads');
    }
    for (const isa of [undefined, 3, {}, null]) expect(codeOf(() => addon.open(isa))).toBe('native/bad-argument');
    expect(addon.open('scalar', 3)).toEqual({ isa: 'scalar', threads: 3 });
    expect(codeOf(() => addon.open('scalar'))).toBe('native/bad-argument');
  });
});

describe('garbage in a request', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['no list', undefined],
    ['an empty list', []],
    ['a hole', [undefined]],
    ['a number', [3]],
    ['an empty object', [{}]],
    ['a proxy that throws', [new Proxy({}, { get: () => raise() })]],
    ['a getter that throws', [Object.defineProperty({ ...request }, 'width', { get: () => raise() })]],
    ['short data', [{ ...request, data: new Uint8Array(299) }]],
    ['data of another type', [{ ...request, data: new Float32Array(300) }]],
    ['short floats', [{ ...request, floats: new Float32Array(299) }]],
    ['bytes for floats', [{ ...request, floats: new Uint8Array(300) }]],
    ['both targets missing', [{ ...request, floats: undefined }]],
    ['negative width', [{ ...request, width: -10, height: -10 }]],
    ['overflowing sizes', [{ ...request, width: 2 ** 31 - 1, height: 2 ** 31 - 1, channels: 4 }]],
    ['a width above int', [{ ...request, width: 2 ** 40 }]],
    ['an infinite width', [{ ...request, width: Number.POSITIVE_INFINITY }]],
    ['no channels', [{ ...request, channels: 0 }]],
    ['an unknown filter', [{ ...request, resize: { ...resize, filter: 6 } }]],
    ['a filter of NaN', [{ ...request, resize: { ...resize, filter: Number.NaN } }]],
    ['a box outside', [{ ...request, resize: { ...resize, box: [0, 0, 11, 10] } }]],
    ['a box reversed', [{ ...request, resize: { ...resize, box: [5, 0, 4, 10] } }]],
    ['a box of NaN', [{ ...request, resize: { ...resize, box: [Number.NaN, 0, 4, 10] } }]],
    ['a box without numbers', [{ ...request, resize: { ...resize, box: 'abcd' } }]],
    ['a gap below one', [{ ...request, resize: { ...resize, reducingGap: 0.1 } }]],
    ['a crop too far', [{ ...request, crop: { ...request.crop, left: 2 ** 30 } }]],
    ['a crop wider than the canvas', [{ ...request, crop: { ...request.crop, width: 11 } }]],
    ['a crop beside the canvas', [{ ...request, canvas: { ...request.canvas, left: 1 } }]],
    [
      'a crop of bytes that reaches outside',
      [{ ...request, floats: undefined, bytes: new Uint8Array(300), crop: { ...request.crop, left: 1 } }],
    ],
    ['a mean that is no list', [{ ...request, mean: 3, std: [1, 1, 1] }]],
    ['a mean without deviations', [{ ...request, mean: [1, 1, 1] }]],
  ];
  for (const [name, list] of cases) {
    it(name, () => {
      expect(['native/bad-argument', 'test/raised']).toContain(codeOf(() => addon.preprocess(list)));
    });
  }

  it('a detached buffer', () => {
    const data = new Uint8Array(300);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(codeOf(() => addon.preprocess([{ ...request, data }]))).toBe('native/bad-argument');
  });

  it('leaves the addon working', async () => {
    const floats = new Float32Array(300);
    const { promise, cancel } = addon.preprocess([{ ...request, data: new Uint8Array(300).fill(9), floats }]);
    await promise;
    cancel();
    expect(floats.every((value) => value === 9)).toBe(true);
  });
});

function raise(): never {
  throw Object.assign(new Error('raised'), { code: 'test/raised' });
}

const START_LONG_WORK = `
  import { preprocess } from './src/native/image.ts';
  const image = { data: new Uint8Array(3e6), width: 1000, height: 1000, channels: 3 };
  const plan = { resize: { width: 2000, height: 2000, filter: 'lanczos' } };
  const work = preprocess(new Array(40).fill({ image, plan }));
`;

describe('ending in the middle of work', () => {
  it('the process exits when told to', async () => {
    const code = `${START_LONG_WORK} setTimeout(() => process.exit(3), 50);`;
    expect(await runCode(code)).toMatchObject({ code: 3, signal: null, stderr: '' });
  });

  it('pending work keeps the process alive, finished work does not', async () => {
    const code = `
      import { resize } from './src/native/image.ts';
      resize({ data: new Uint8Array(12), width: 2, height: 2, channels: 3 }, { width: 5, height: 5, filter: 'box' })
        .then((result) => console.log(result.data.length));`;
    expect(await runCode(code)).toMatchObject({ code: 0, stdout: '75\n', stderr: '' });
  });

  it('workers that are terminated leave later ones working', { timeout: 60_000 }, async () => {
    const inWorker = `
      const { parentPort } = require('node:worker_threads');
      const addon = require(${JSON.stringify(ADDON)});
      addon.open('', 2);
      const size = { width: 1000, height: 1000 };
      const request = () => ({
        data: new Uint8Array(3e6), channels: 3, ...size, crop: { left: 0, top: 0, ...size },
        bytes: new Uint8Array(3e6), resize: { ...size, filter: 5, box: [0.5, 0.5, 999, 999], reducingGap: 0 },
      });
      addon.preprocess(Array.from({ length: 20 }, request));
      parentPort.postMessage('started');`;
    // The process loads the addon in workers only, so the library itself comes and goes.
    const code = `
      import { Worker } from 'node:worker_threads';
      for (let round = 0; round < 5; round += 1) {
        const worker = new Worker(${JSON.stringify(inWorker)}, { eval: true, execArgv: [] });
        await new Promise((resolve, reject) => worker.on('error', reject).on('message', resolve));
        await worker.terminate();
      }
      const { resize } = await import('./src/native/image.ts');
      const image = { data: new Uint8Array(12).fill(7), width: 2, height: 2, channels: 3 };
      const result = await resize(image, { width: 3, height: 3, filter: 'box' });
      console.log(result.data.every((value) => value === 7));`;
    expect(await runCode(code)).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
  });
});
