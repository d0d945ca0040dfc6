/** The TypeScript face of the image operators: results, shared batches, refusals, cancelling. */
import { describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { capabilities } from '../../src/native/capabilities.ts';
import { type PreprocessPlan, preprocess, type RawImage, type ResizeStep, resize } from '../../src/native/image.ts';
import { drawImage } from './drawn-cases.ts';
import { oraclePreprocess, oracleResize } from './pillow-oracle.ts';

const step: ResizeStep = { width: 20, height: 16, filter: 'bicubic' };
const plan: PreprocessPlan = {
  resize: step,
  crop: { left: 2, top: 1, width: 16, height: 14 },
  rescale: { factor: 1 / 255 },
  normalize: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] },
};

async function failureOf(promise: Promise<unknown>): Promise<WeftError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WeftError);
  return error as WeftError;
}

describe('preprocess', () => {
  it('gives one result per picture, of different sizes, in order', async () => {
    const images = [drawImage(40, 30, 3, 1), drawImage(31, 50, 3, 2), drawImage(5, 5, 3, 3)];
    const plans = [plan, { ...plan, crop: { left: 0, top: 0, width: 3, height: 4 } }, { rescale: { factor: 2 } }];
    const results = await preprocess(images.map((image, index) => ({ image, plan: plans[index]! })));
    for (const [index, result] of results.entries()) {
      expect(result.data).toEqual(oraclePreprocess(images[index]!, plans[index]!));
    }
    expect(results.map(({ width, height, channels }) => [channels, height, width])).toEqual([
      [3, 14, 16],
      [3, 4, 3],
      [3, 5, 5],
    ]);
  });

  it('writes a batch in place and nothing beside it', async () => {
    const images = Array.from({ length: 7 }, (_, index) => drawImage(40 + index, 30, 3, index));
    const length = 3 * 14 * 16;
    const memory = new Float32Array(7 * length + 20).fill(-77);
    const into = memory.subarray(10, 10 + 7 * length);
    const results = await preprocess(
      images.map((image) => ({ image, plan })),
      { into },
    );
    for (const [index, image] of images.entries()) {
      expect(results[index]!.data.buffer).toBe(memory.buffer);
      expect(results[index]!.data).toEqual(oraclePreprocess(image, plan));
    }
    expect([...memory.subarray(0, 10), ...memory.subarray(10 + 7 * length)]).toEqual(new Array(20).fill(-77));
  });

  it('reads and writes shared memory', async () => {
    const image = drawImage(40, 30, 3, 4);
    const shared = new Uint8Array(new SharedArrayBuffer(image.data.length));
    shared.set(image.data);
    const into = new Float32Array(new SharedArrayBuffer(4 * 3 * 14 * 16));
    await preprocess([{ image: { ...image, data: shared }, plan }], { into });
    expect(Array.from(into)).toEqual(Array.from(oraclePreprocess(image, plan)));
  });

  it('splits one tall result among threads without a seam', async () => {
    const image = drawImage(50, 700, 3, 5);
    const tall: PreprocessPlan = { resize: { width: 33, height: 400, filter: 'lanczos' } };
    const [result] = await preprocess([{ image, plan: tall }]);
    expect(result!.data).toEqual(oraclePreprocess(image, tall));
  });

  it('gives nothing for nothing', async () => {
    expect(await preprocess([])).toEqual([]);
  });
});

describe('resize', () => {
  it('keeps the event loop free and runs many calls at once', async () => {
    const images = Array.from({ length: 40 }, (_, index) => drawImage(30 + index, 60 - index, 4, index));
    const results = await Promise.all(images.map((image) => resize(image, step)));
    for (const [index, image] of images.entries()) expect(results[index]).toEqual(oracleResize(image, step));
  });
});

describe('what is refused before it reaches native code', () => {
  const image = drawImage(10, 10, 3, 6);
  const refused: readonly (readonly [string, RawImage, ResizeStep, string])[] = [
    ['too few bytes', { ...image, data: image.data.subarray(1) }, step, 'image.data'],
    ['other data', { ...image, data: [1, 2, 3] as unknown as Uint8Array }, step, 'image.data'],
    ['no width', { ...image, width: 0 }, step, 'image.width'],
    ['a fraction', { ...image, width: 2.5 }, step, 'image.width'],
    ['not a number', { ...image, height: Number.NaN }, step, 'image.height'],
    ['five channels', { ...image, channels: 5 as 3 }, step, 'image'],
    ['a huge side', image, { ...step, width: 2 ** 20 + 1 }, 'resize.width'],
    ['a huge area', image, { ...step, width: 2 ** 19, height: 2 ** 19 }, 'resize'],
    ['an unknown filter', image, { ...step, filter: 'cubic' as 'bicubic' }, 'resize.filter'],
    ['a box outside', image, { ...step, box: [0, 0, 10.5, 10] }, 'resize.box'],
    ['an empty box', image, { ...step, box: [3, 3, 3, 9] }, 'resize.box'],
    ['a box that vanishes in single precision', image, { ...step, box: [3, 3, 3.0000000001, 9] }, 'resize.box'],
    ['a box of NaN', image, { ...step, box: [0, Number.NaN, 5, 5] }, 'resize.box'],
    ['a small gap', image, { ...step, reducingGap: 0.5 }, 'resize.reducingGap'],
  ];
  for (const [name, picture, how, where] of refused) {
    it(name, async () => {
      const error = await failureOf(resize(picture, how));
      expect(error.code).toBe('input/bad-image-option');
      expect(error.message).toContain(`for ${where}, received`);
    });
  }

  const badPlans: readonly (readonly [string, PreprocessPlan, string])[] = [
    ['a far crop', { crop: { left: 2 ** 21, top: 0, width: 1, height: 1 } }, 'crop.left'],
    ['an empty crop', { crop: { left: 0, top: 0, width: 0, height: 1 } }, 'crop.width'],
    ['an infinite factor', { rescale: { factor: Number.POSITIVE_INFINITY } }, 'rescale.factor'],
    ['one mean for three channels', { normalize: { mean: [1], std: [1, 1, 1] } }, 'normalize.mean'],
    ['a deviation of zero', { normalize: { mean: [1, 1, 1], std: [1, 0, 1] } }, 'normalize.std'],
    ['a small canvas', { pad: { left: 1, top: 0, width: 10, height: 10, value: 0 } }, 'pad'],
  ];
  for (const [name, bad, where] of badPlans) {
    it(name, async () => {
      const error = await failureOf(preprocess([{ image, plan: bad }]));
      expect(error.code).toBe('input/bad-image-option');
      expect(error.message).toContain(`images[0].plan.${where}`);
    });
  }

  it('a batch of two sizes, or of another length', async () => {
    const two = [
      { image, plan: {} },
      { image, plan },
    ];
    expect((await failureOf(preprocess(two, { into: new Float32Array(600) }))).message).toContain(
      'results of one size',
    );
    const one = await failureOf(preprocess([{ image, plan: {} }], { into: new Float32Array(299) }));
    expect(one.message).toContain('Expected 300 floats for into, received 299');
  });

  it.runIf('resizable' in ArrayBuffer.prototype)('a buffer that can shrink', async () => {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
    const data = new Uint8Array(new Resizable(300, { maxByteLength: 600 }));
    const error = await failureOf(resize({ ...image, data }, step));
    expect(error.message).toContain('a buffer of fixed size');
  });
});

describe('cancelling', () => {
  const large = drawImage(1200, 900, 3, 7);
  const shrink = { image: large, plan: { resize: { width: 40, height: 30, filter: 'lanczos' as const } } };
  // More pictures than any pool has threads.
  const count = 300;

  it('stops a batch that is under way', async () => {
    const controller = new AbortController();
    const length = 3 * 40 * 30;
    const into = new Float32Array(count * length).fill(-77);
    const batch = preprocess(new Array(count).fill(shrink), { signal: controller.signal, into });
    controller.abort(new Error('enough'));
    const error = await failureOf(batch);
    expect(error.code).toBe('run/cancelled');
    expect((error.cause as { code?: string }).code).toBe('run/cancelled');
    // The last picture was never begun, let alone finished.
    expect(into.subarray((count - 1) * length).every((value) => value === -77)).toBe(true);
    // The threads are free again.
    expect((await resize(drawImage(10, 10, 3, 8), step)).data.length).toBe(960);
  });

  it('does not start when the signal was aborted before', async () => {
    const error = await failureOf(resize(large, step, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('run/cancelled');
  });

  it('leaves no listener behind', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await resize(drawImage(10, 10, 3, 9), step, { signal });
    expect(listeners).toBe(0);
  });
});

describe('capabilities', () => {
  it('tells what is used and what could be', () => {
    const { isa, available, threads, cuda } = capabilities();
    expect(available).toContain(isa);
    expect(available.at(-1)).toBe('scalar');
    expect(threads).toBeGreaterThanOrEqual(1);
    expect(cuda).toEqual({ present: false, reason: expect.any(String) });
  });
});
