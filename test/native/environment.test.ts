import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { capabilities } from '../../src/native/capabilities.ts';
import { availableMemory, readMemoryLimit, readThreads } from '../../src/native/environment.ts';
import { runCode } from './child.ts';

describe('WEFT_THREADS', () => {
  it('is a whole number, or left to the machine', () => {
    expect(readThreads({})).toBeUndefined();
    expect(readThreads({ WEFT_THREADS: '' })).toBeUndefined();
    expect(readThreads({ WEFT_THREADS: '3' })).toBe(3);
    for (const received of ['0', '257', '-1', '2.5', 'two', '1e1', ' 2']) {
      expect(() => readThreads({ WEFT_THREADS: received })).toThrow(
        expect.objectContaining({ code: 'native/bad-threads' }),
      );
    }
  });
});

describe('WEFT_MEMORY', () => {
  it('is a size with a unit', () => {
    expect(readMemoryLimit({ WEFT_MEMORY: '8GiB' })).toBe(8 * 2 ** 30);
    expect(readMemoryLimit({ WEFT_MEMORY: '1.5 gib' })).toBe(1.5 * 2 ** 30);
    expect(readMemoryLimit({ WEFT_MEMORY: '500MB' })).toBe(500e6);
    expect(readMemoryLimit({ WEFT_MEMORY: '2tb' })).toBe(2e12);
    expect(readMemoryLimit({ WEFT_MEMORY: '1MiB' })).toBe(2 ** 20);
  });

  it('is three quarters of what there is when it is left out', () => {
    expect(readMemoryLimit({}, 1000)).toBe(750);
    expect(readMemoryLimit({ WEFT_MEMORY: '' }, 1000)).toBe(750);
    expect(availableMemory()).toBeGreaterThan(0);
    expect(availableMemory()).toBeLessThanOrEqual(totalmem());
  });

  it('is refused when it is anything else', () => {
    for (const received of [
      '8',
      '8G',
      '-1GiB',
      'GiB',
      '1023KiB',
      '0GiB',
      '1e3MB',
      '8 GiB more',
      '99999999TB',
      'none',
    ]) {
      expect(() => readMemoryLimit({ WEFT_MEMORY: received }), received).toThrow(
        expect.objectContaining({
          code: 'native/bad-memory',
          message: expect.stringContaining(`received "${received}"`),
        }),
      );
    }
  });

  it('bounds what the addon holds, and says so', async () => {
    const { stdout, stderr } = await runCode(
      `import { capabilities } from './src/native/capabilities.ts';
       import { Tensor } from './src/native/tensor.ts';
       const before = capabilities().memory;
       const kept = Tensor.from(new Float32Array(2 ** 18), [2 ** 18]);
       const during = capabilities().memory;
       let refused;
       try { Tensor.from(new Float32Array(2 ** 20), [2 ** 20]); } catch (error) { refused = error.toJSON(); }
       kept.release();
       console.log(JSON.stringify({ before, during, refused, after: capabilities().memory }));`,
      { WEFT_MEMORY: '3MiB' },
    );
    expect(stderr).toBe('');
    const { before, during, refused, after } = JSON.parse(stdout);
    expect(before).toMatchObject({ limit: 3 * 2 ** 20 });
    expect(during.used - before.used).toBe(2 ** 20);
    expect(during.peak).toBeGreaterThanOrEqual(during.used);
    expect(refused).toMatchObject({ code: 'native/out-of-memory' });
    expect(after).toMatchObject({ used: before.used, kept: 2 ** 20 });
  });

  it('refuses a wrong size when the addon is opened', async () => {
    const { code, stderr } = await runCode(
      `import { capabilities } from './src/native/capabilities.ts'; capabilities();`,
      { WEFT_MEMORY: 'much' },
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('native/bad-memory');
  });

  it('is below what the machine has, unless someone says otherwise', () => {
    const { memory } = capabilities();
    expect(memory.limit).toBeGreaterThan(2 ** 20);
    expect(memory.used).toBeLessThanOrEqual(memory.limit);
  });
});
