/** Weight files as TypeScript sees them: tables, copies, refusals, closing, and that nothing leaks. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WeftError } from '../../src/errors.ts';
import { nativeAddon } from '../../src/native/loader.ts';
import { NativeWeightFile } from '../../src/native/weights.ts';
import { entry, f32, safetensorsFile, storeTensors, words } from './safetensors-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'weft-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

async function failureOf(promise: Promise<unknown>): Promise<WeftError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WeftError);
  return error as WeftError;
}

describe('a weight file', () => {
  it('lists its tensors and copies them', async () => {
    const path = write(
      safetensorsFile(
        {
          __metadata__: { format: 'pt' },
          b: entry('U8', [3], 8, 11),
          a: entry('F32', [2, 1], 0, 8),
          none: entry('F32', [0], 11, 11),
        },
        [...new Uint8Array(Float32Array.of(1.5, -2).buffer), 7, 8, 9],
      ),
    );
    const file = await NativeWeightFile.open(path);
    expect([...file.tensors.keys()]).toEqual(['a', 'b', 'none']);
    expect(file.tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2, 1], bytes: 8 });
    expect(file.tensors.get('b')!.offset).toBe(file.tensors.get('a')!.offset + 8);
    expect(file.bytes).toBe(readFileSync(path).length);
    expect(await file.read('a')).toEqual(Float32Array.of(1.5, -2));
    expect(await file.read('b')).toEqual(Uint8Array.of(7, 8, 9));
    expect(await file.read('none')).toEqual(new Float32Array());
    expect(await file.readFloats('none')).toEqual(new Float32Array());
    file.close();
  });

  it.each([
    ['I8', Int8Array.of(-3, 4)],
    ['BOOL', Uint8Array.of(1, 0)],
    ['F8_E4M3', Uint8Array.of(3, 4)],
    ['I16', Int16Array.of(-3, 4)],
    ['U16', Uint16Array.of(65535, 4)],
    ['F16', Uint16Array.of(0x3c00, 4)],
    ['BF16', Uint16Array.of(0x3f80, 4)],
    ['I32', Int32Array.of(-3, 4)],
    ['U32', Uint32Array.of(2 ** 32 - 1, 4)],
    ['I64', BigInt64Array.of(-3n, 4n)],
    ['U64', BigUint64Array.of(2n ** 64n - 1n, 4n)],
    ['F64', Float64Array.of(-0.1, 4)],
  ])('reads %s as stored', async (dtype, elements) => {
    const bytes = new Uint8Array(elements.buffer);
    // An odd offset: nothing may rely on alignment.
    const path = write(
      storeTensors({ pad: { dtype: 'U8', shape: [1], bytes: Uint8Array.of(1) }, x: { dtype, shape: [2], bytes } }),
    );
    const file = await NativeWeightFile.open(path);
    expect(await file.read('x')).toEqual(elements);
    file.close();
  });

  it('widens F16 and BF16 exactly, and narrows F64', async () => {
    const half = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x7c00, 0xfc00, 0x7e00];
    const file = await NativeWeightFile.open(
      write(
        storeTensors({
          pad: { dtype: 'U8', shape: [1], bytes: Uint8Array.of(1) },
          bfloat: words('BF16', [4], [0x3f80, 0xc040, 0x7f80, 0x0001]),
          double: { dtype: 'F64', shape: [2], bytes: new Uint8Array(Float64Array.of(0.1, -1e300).buffer) },
          half: words('F16', [half.length], half),
        }),
      ),
    );
    const tiny = 2 ** -24;
    const expected = [0, -0, 1, -2, 65504, tiny, 1023 * tiny, 2 ** -14, Infinity, -Infinity, NaN];
    expect([...(await file.readFloats('half'))]).toEqual(expected);
    expect([...(await file.readFloats('bfloat'))]).toEqual([1, -3, Infinity, 2 ** -133]);
    expect([...(await file.readFloats('double'))]).toEqual([Math.fround(0.1), -Infinity]);
    expect(Object.is((await file.readFloats('half'))[1], -0)).toBe(true);
    file.close();
  });

  it('copies what spans many pieces', async () => {
    const values = Float32Array.from({ length: 3_000_001 }, (_, index) => index);
    const header = { x: entry('F32', [values.length], 0, values.byteLength) };
    const file = await NativeWeightFile.open(write(safetensorsFile(header, new Uint8Array(values.buffer))));
    expect(Buffer.compare(Buffer.from((await file.readFloats('x')).buffer), Buffer.from(values.buffer))).toBe(0);
    expect(Buffer.compare(Buffer.from((await file.read('x')).buffer), Buffer.from(values.buffer))).toBe(0);
    file.close();
  });

  it('takes names of any language, and thousands of tensors', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`層.${index}."😀`, entry('U8', [0], 0, 0)]),
    );
    const file = await NativeWeightFile.open(write(safetensorsFile(many)));
    expect(file.tensors.size).toBe(5000);
    expect(file.tensors.has('層.4999."😀')).toBe(true);
    file.close();
  });
});

describe('refusals', () => {
  it('name the file, say what came, and survive a million brackets', async () => {
    const path = write(safetensorsFile({ a: entry('F32', [2], 0, 7) }, new Uint8Array(7)));
    const error = await failureOf(NativeWeightFile.open(path));
    expect(error.code).toBe('input/bad-file');
    expect(error.message).toBe(
      `Expected a safetensors file in "${path}", but tensor "a" has 7 bytes where its shape and dtype need 8.`,
    );
    const nested = write(safetensorsFile(`{"a":{"extra":${'['.repeat(1_000_000)}`));
    expect((await failureOf(NativeWeightFile.open(nested))).message).toContain('no deeper nesting was expected');
  });

  it.each([
    ['nothing there', () => join(folder, 'missing'), /it does not exist/],
    ['a folder', () => folder, /no regular file|must not be read/],
    ['an empty file', () => write(new Uint8Array()), /only 0 bytes/],
    ['a name with a zero', () => `${folder}/a\0b`, /zero character/],
  ])('%s', async (_, path, message) => {
    const error = await failureOf(NativeWeightFile.open(path()));
    expect(error.code).toBe('input/bad-file');
    expect(error.message).toMatch(message);
  });

  it.runIf(process.platform !== 'win32')('a named pipe, without waiting for a writer', async () => {
    const path = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect((await failureOf(NativeWeightFile.open(path))).message).toContain('no regular file');
  });

  it('unknown names, integers as floats, and reading after close', async () => {
    const file = await NativeWeightFile.open(
      write(storeTensors({ n: { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) } })),
    );
    expect((await failureOf(file.read('other'))).message).toContain('it has none of that name');
    expect((await failureOf(file.readFloats('n'))).message).toContain('it has dtype I64');
    file.close();
    file.close();
    expect((await failureOf(file.read('n'))).code).toBe('native/released');
    expect(() => file.handle).toThrow(/in use, received one that was released/);
  });

  it('an aborted signal', async () => {
    const signal = AbortSignal.abort();
    const path = write(storeTensors({ x: f32([1], [1]) }));
    expect((await failureOf(NativeWeightFile.open(path, { signal }))).code).toBe('run/cancelled');
  });

  it('a file that was cut or written to since', async () => {
    const path = write(storeTensors({ x: f32([4096], new Array(4096).fill(1)) }));
    const file = await NativeWeightFile.open(path);
    truncateSync(path, 4096);
    const error = await failureOf(file.read('x'));
    expect([error.code, error.message]).toEqual(['input/bad-file', expect.stringContaining('written to after')]);
    file.close();
  });
});

describe('the addon itself', () => {
  const addon = nativeAddon();

  it('refuses handles of other kinds', async () => {
    const file = await NativeWeightFile.open(write(storeTensors({ x: f32([1], [1]) })));
    for (const handle of [undefined, null, 3, {}, [], new Proxy(file.handle, {}), Object.create(file.handle)]) {
      expect(() => addon.listWeights(handle as never, 0, 1)).toThrow('an argument was refused');
      expect(() => addon.closeWeights(handle as never)).toThrow('an argument was refused');
      expect(() => addon.readWeights(handle as never, 'x', new Uint8Array(4))).toThrow('an argument was refused');
    }
    file.close();
  });

  it('refuses targets of another length or type, and slices outside', async () => {
    const file = await NativeWeightFile.open(write(storeTensors({ x: f32([2], [1, 2]) })));
    const { handle } = file;
    const targets = [new Uint8Array(7), new Uint8Array(9), new Float32Array(1), new Int8Array(8), [], undefined];
    for (const target of targets) expect(() => addon.readWeights(handle, 'x', target as never)).toThrow();
    expect(() => addon.readWeights(handle, 'y', new Uint8Array(8))).toThrow('the file has no tensor "y"');
    for (const [first, count] of [
      [-1, 1],
      [2, 1],
      [Number.NaN, 1],
      [0, 1e9],
      ['0', 1],
      [0, undefined],
    ]) {
      expect(() => addon.listWeights(handle, first as number, count as number)).toThrow();
    }
    expect(addon.listWeights(handle, 1, 1)).toEqual([]);
    for (const path of [undefined, 3, {}]) expect(() => addon.openWeights(path as never)).toThrow();
    file.close();
  });
});

describe('sharing', () => {
  it('reads a file that is closed meanwhile', async () => {
    const values = Array.from({ length: 100_000 }, (_, index) => index);
    const file = await NativeWeightFile.open(write(storeTensors({ x: f32([values.length], values) })));
    const reading = Promise.all(Array.from({ length: 8 }, () => file.readFloats('x')));
    file.close();
    for (const floats of await reading) expect(floats[99_999]).toBe(99_999);
  });

  it.runIf(process.platform === 'linux')('maps a file once however often it is open, and lets go of it', async () => {
    const path = write(storeTensors({ x: f32([1], [1]) }));
    const mapped = () =>
      readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => line.endsWith(path)).length;
    const opened = await Promise.all(Array.from({ length: 50 }, () => NativeWeightFile.open(path)));
    expect(mapped()).toBe(1);
    // A new state of the file is another file; who holds the old one keeps it.
    utimesSync(path, new Date(1000), new Date(1000));
    const renewed = await NativeWeightFile.open(path);
    expect(mapped()).toBe(2);
    for (const file of [...opened, renewed]) file.close();
    expect(mapped()).toBe(0);
  });

  it.runIf(process.platform === 'linux')('leaks no descriptor and no mapping in 1000 opens', async () => {
    const good = write(storeTensors({ x: f32([1], [1]) }));
    const bad = write(new Uint8Array(100));
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for (let round = 0; round < 1000; round++) {
      const file = await NativeWeightFile.open(good);
      await file.readFloats('x');
      file.close();
      await failureOf(NativeWeightFile.open(bad));
    }
    expect(descriptors()).toBeLessThanOrEqual(before);
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain(folder);
  });
});
