/** The addon's transformer stack against plain JavaScript: forms of blocks, caches, trees, errors. */
import { describe, expect, it } from 'vitest';
import { Stack } from '../../src/native/stack.ts';
import type { HeadStepSpec, NormSpec, StackSpec, SublayerSpec } from '../../src/native/stack-spec.ts';
import { Tensor } from '../../src/native/tensor.ts';
import { build, expectClose, linear, nested, norm, preNorm, random, weight } from './drawn-stack.ts';
import { type ReferenceInput, referenceStack } from './stack-reference.ts';

async function compare(spec: StackSpec, batch: number, length: number, more: Omit<ReferenceInput, 'rows'> = {}) {
  const data = random(batch * length * spec.width);
  const rows = nested(data, batch, length, spec.width);
  const stack = await build(spec);
  const memory = (more.memory ?? []).map((items) => ({
    rows: Tensor.from(Float32Array.from(items.flat(2)), [batch, items[0]!.length, items[0]![0]!.length]),
  }));
  const result = await stack.run(
    { rows: Tensor.from(data, [batch, length, spec.width]) },
    {
      returnHidden: spec.layers.map((_, layer) => layer),
      ...(more.mask === undefined ? {} : { mask: more.mask.flat().map(Number) }),
      ...(more.prefix === undefined ? {} : { prefix: more.prefix }),
      ...(memory.length === 0 ? {} : { memory }),
    },
  );
  const reference = referenceStack(spec, { rows, ...more });
  expectClose(result.hidden!.toFloats(), reference.hidden);
  for (const [layer, state] of result.hiddenStates.entries()) expectClose(state.toFloats(), reference.states[layer]!);
}

describe('a stack', () => {
  it('runs pre-norm blocks, hidden states included', async () => {
    await compare({ name: 'pre', width: 24, layers: [preNorm(24, 40), preNorm(24, 40)], norm: norm(24) }, 3, 7);
  });

  it('runs post-norm blocks under a padding mask', async () => {
    const layer = (): SublayerSpec[] => [
      { after: norm(20), selfAttention: { heads: 4, qkv: linear(60, 20), output: linear(20, 20) } },
      { after: norm(20), feedForward: { up: linear(33, 20), down: linear(20, 33), activation: 'gelu_tanh' } },
    ];
    const mask = [
      [true, true, true, false, false],
      [true, true, true, true, true],
    ];
    await compare({ name: 'post', width: 20, layers: [layer(), layer()] }, 2, 5, { mask });
  });

  it('runs causal blocks with grouped key heads, rotary positions, RMS norms and a gated FFN', async () => {
    const width = 32;
    const rms: NormSpec = { kind: 'rms', weight: weight(width), epsilon: 1e-3 };
    const layer = (): SublayerSpec[] => [
      {
        before: rms,
        selfAttention: {
          heads: 4,
          keyHeads: 2,
          headSize: 12,
          causal: true,
          rotary: true,
          qkv: { weight: [weight(48, width), weight(24, width), weight(24, width)] },
          output: { weight: weight(width, 48) },
        },
      },
      {
        before: rms,
        feedForward: {
          up: { weight: weight(70, width) },
          gate: { weight: weight(70, width) },
          down: { weight: weight(width, 70) },
          activation: 'silu',
        },
      },
    ];
    const rotary = { inverseFrequencies: Float32Array.of(1, 0.5, 0.25, 0.1, 0.05, 0.01) };
    await compare({ name: 'llama-like', width, layers: [layer(), layer()], rotary, norm: rms }, 2, 9);
  });

  it('lets every row see a prefix of a causal stack', async () => {
    await compare({ name: 'prefix', width: 16, layers: [preNorm(16, 24, { causal: true })] }, 2, 6, { prefix: 3 });
  });

  it('reads several memories through gated cross-attention, with layer scale', async () => {
    const cross = (memory: number, width: number): SublayerSpec => ({
      before: norm(16),
      columnScale: weight(16),
      gate: { kind: memory === 0 ? 'tanh' : 'sigmoid', weight: { data: Float32Array.of(0.7), shape: [1] } },
      crossAttention: {
        heads: 2,
        query: linear(16, 16),
        keyValue: { weight: [weight(16, width), weight(16, width)] },
        output: linear(16, 16),
        memory,
      },
    });
    const spec = { name: 'cross', width: 16, layers: [[...preNorm(16, 24), cross(0, 10), cross(1, 6)]] };
    const memory = [nested(random(2 * 4 * 10), 2, 4, 10), nested(random(2 * 3 * 6), 2, 3, 6)];
    await compare(spec, 2, 5, { memory });
  });

  it('replaces the stream where a sublayer has no residual', async () => {
    const width = 16;
    const self = { heads: 2, qkv: linear(48, width), output: linear(width, width) };
    const feedForward = { up: linear(24, width), down: linear(width, 24), activation: 'relu' as const };
    const gate = { kind: 'tanh' as const, weight: { data: Float32Array.of(-0.6), shape: [1] } };
    const layer: SublayerSpec[] = [
      { residual: false, columnScale: weight(width), selfAttention: self },
      { residual: false, before: norm(width), after: norm(width), gate, feedForward },
      { residual: true, feedForward },
    ];
    await compare({ name: 'no residual', width, layers: [layer, layer] }, 2, 5);
  });

  it('takes Conv1D weights, inputs first', async () => {
    const spec: StackSpec = {
      name: 'conv1d',
      width: 16,
      layers: [
        [
          {
            before: norm(16),
            selfAttention: {
              heads: 2,
              causal: true,
              qkv: { weight: weight(16, 48), bias: weight(48), inputsFirst: true },
              output: { weight: weight(16, 16), bias: weight(16), inputsFirst: true },
            },
          },
        ],
      ],
    };
    await compare(spec, 1, 6);
  });

  it.each(['first', 'last', 'chosen'] as const)(
    'spares rows that a head over the %s row does not read',
    async (rows) => {
      for (const causal of [false, true]) {
        const cross: SublayerSpec = {
          crossAttention: {
            heads: 2,
            query: linear(24, 24),
            keyValue: linear(48, 10),
            output: linear(24, 24),
            memory: 0,
          },
        };
        const spec: StackSpec = {
          name: rows,
          width: 24,
          layers: [preNorm(24, 40, { causal }), [...preNorm(24, 40, { causal }), cross]],
          norm: norm(24),
          head: { rows, norm: norm(24), linear: linear(9, 24) },
        };
        const stack = await build(spec);
        const data = random(3 * 7 * 24);
        const memory = [{ rows: Tensor.from(random(3 * 4 * 10), [3, 4, 10]) }];
        const mask = [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1];
        const options = { memory, mask, headRows: [4, 0, 6] };
        const given = () => ({ rows: Tensor.from(data, [3, 7, 24]) });
        const whole = await stack.run(given(), { ...options, returnHidden: [0, 1, 2] });
        const spared = await stack.run(given(), { ...options, outputs: { hidden: false }, returnHidden: [1] });
        expect(spared.hidden).toBeUndefined();
        expect(spared.hiddenStates[0]!.toFloats()).toEqual(whole.hiddenStates[1]!.toFloats());
        const [ours, expected] = [spared.head!.toFloats(), whole.head!.toFloats()];
        expect(Math.max(...ours.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(1e-5);
      }
    },
  );

  it('reads chosen rows through a head of several steps', async () => {
    const base = { name: 'head', width: 16, layers: [preNorm(16, 24)] };
    const first = { norm: norm(16), linear: linear(12, 16), activation: 'tanh' as const };
    const [second, third] = [
      { norm: norm(12), linear: linear(5, 12), activation: 'relu' as const },
      { linear: linear(3, 5) },
    ];
    const rows = Tensor.from(random(2 * 4 * 16), [2, 4, 16]);
    const run = async (head: StackSpec['head'] & object) =>
      (await (await build({ ...base, head })).run({ rows })).head!;
    const whole = await run({ rows: 'last', ...first, more: [second, third] });
    expect(whole.shape).toEqual([2, 3]);
    // The later steps over what the first gives, as heads of their own.
    const step = async (input: Tensor, { norm: before, linear: matrix, activation }: HeadStepSpec) => {
      const [batch = 0, width = 0] = input.shape;
      const head = {
        rows: 'all' as const,
        ...(before && { norm: before }),
        ...(matrix && { linear: matrix }),
        ...(activation && { activation }),
      };
      const alone = await build({ name: 'step', width, layers: [], head });
      const result = (await alone.run({ rows: Tensor.from(input.toFloats(), [1, batch, width]) })).head!;
      return Tensor.from(result.toFloats(), [batch, result.shape[2]!]);
    };
    const chained = await step(await step(await run({ rows: 'last', ...first }), second), third);
    const expected = chained.toFloats();
    expect(Math.max(...whole.toFloats().map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(1e-6);
    const misfit = { ...base, head: { rows: 'last' as const, ...first, more: [third] } };
    await expect(Stack.build(misfit)).rejects.toMatchObject({
      message: expect.stringContaining('the input width of step 1 of the head is 5 where 12 is expected'),
    });
  });

  it('gives large batches the same results as single items', async () => {
    const spec = { name: 'groups', width: 16, layers: [preNorm(16, 24)] };
    const stack = await build(spec);
    const [batch, length] = [70, 33];
    const data = random(batch * length * 16);
    const all = (await stack.run({ rows: Tensor.from(data, [batch, length, 16]) })).hidden!.toFloats();
    for (const item of [0, 31, 69]) {
      const part = data.slice(item * length * 16, (item + 1) * length * 16);
      const one = (await stack.run({ rows: Tensor.from(part, [1, length, 16]) })).hidden!.toFloats();
      const ours = all.subarray(item * length * 16, (item + 1) * length * 16);
      expect(Math.max(...one.map((value, index) => Math.abs(value - ours[index]!)))).toBeLessThan(1e-5);
    }
  });

  it.each(['bf16', 'int8'] as const)('stays close to fp32 in %s', async (precision) => {
    const spec = { name: precision, width: 64, layers: [preNorm(64, 128), preNorm(64, 128)], norm: norm(64) };
    const data = random(9 * 64);
    const rows = () => ({ rows: Tensor.from(data, [1, 9, 64]) });
    const exact = (await (await build(spec)).run(rows())).hidden!.toFloats();
    const close = (await (await build(spec, precision)).run(rows())).hidden!.toFloats();
    expect(close).not.toEqual(exact);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);
    const cosine = dot(exact, close) / Math.sqrt(dot(exact, exact) * dot(close, close));
    expect(cosine).toBeGreaterThan(precision === 'bf16' ? 0.9999 : 0.999);
  });

  it.each([
    ['bf16', 'fp32'],
    ['int8', 'bf16'],
  ] as const)('of %s packs finer sublayers in %s', async (precision, finer) => {
    const layers = [preNorm(32, 48), preNorm(32, 48)];
    const rows = { rows: Tensor.from(random(5 * 32), [1, 5, 32]) };
    const read = async (layers: StackSpec['layers'], of: 'fp32' | 'bf16' | 'int8') =>
      (await (await build({ name: of, width: 32, layers }, of)).run(rows)).hidden!.toFloats();
    const marked = layers.map((layer) => layer.map((sublayer) => ({ ...sublayer, finer: true })));
    expect(await read(marked, precision)).toEqual(await read(layers, finer));
    expect(await read([marked[0]!, layers[1]!], precision)).not.toEqual(await read(layers, finer));
  });
});

describe('a cache', () => {
  const spec = (): StackSpec => ({
    name: 'decoder',
    width: 24,
    tokens: { tokens: weight(50, 24), positions: weight(32, 24) },
    layers: [preNorm(24, 40, { causal: true }), preNorm(24, 40, { causal: true })],
    norm: norm(24),
    head: { rows: 'all', linear: { weight: weight(50, 24) } },
  });
  const ids = [3, 1, 4, 1, 5, 9, 2, 6];

  it('gives what reading everything at once gives, token by token', async () => {
    const stack = await build(spec());
    const whole = (await stack.run({ ids })).head!.toFloats();
    const cache = stack.newCache();
    const rows: number[] = [];
    for (const part of [ids.slice(0, 3), ...ids.slice(3).map((id) => [id])]) {
      rows.push(...(await stack.run({ ids: part }, { cache })).head!.toFloats());
    }
    expect(cache.length).toBe(8);
    expect(Math.max(...rows.map((value, index) => Math.abs(value - whole[index]!)))).toBeLessThan(1e-5);
  });

  it('serves a head over the last row alone', async () => {
    const last = { ...spec(), head: { rows: 'last' as const, linear: { weight: weight(50, 24) } } };
    const stack = await build(last);
    const cache = stack.newCache();
    const outputs = { hidden: false };
    await stack.run({ ids: ids.slice(0, 4) }, { cache, outputs });
    const next = (await stack.run({ ids: ids.slice(4) }, { cache, outputs })).head!.toFloats();
    const anew = (await stack.run({ ids })).head!.toFloats();
    expect(Math.max(...next.map((value, index) => Math.abs(value - anew[index]!)))).toBeLessThan(1e-5);
  });

  it('shows the keys and values it holds', async () => {
    const stack = await build(spec());
    const [whole, parts] = [stack.newCache(), stack.newCache()];
    expect(whole.read(1).keys.shape).toEqual([1, 2, 0, 12]);
    await stack.run({ ids }, { cache: whole });
    for (const id of ids) await stack.run({ ids: [id] }, { cache: parts });
    for (const kind of ['keys', 'values'] as const) {
      const [one, other] = [whole.read(1)[kind], parts.read(1)[kind]];
      expect(one.shape).toEqual([1, 2, 8, 12]);
      const numbers = other.toFloats();
      expect(one.toFloats().some((value) => Math.abs(value) > 0.1)).toBe(true);
      expect(Math.max(...one.toFloats().map((value, index) => Math.abs(value - numbers[index]!)))).toBeLessThan(1e-5);
    }
    expect(() => whole.read(2)).toThrow(expect.objectContaining({ code: 'native/bad-argument' }));
  });

  it('crops, forks and reorders', async () => {
    const stack = await build(spec());
    const cache = stack.newCache(2);
    await stack.run({ ids: [...ids, ...ids.map((id) => id + 10)], batch: 2 }, { cache });
    const fork = cache.fork();
    cache.crop(5);
    await stack.run({ ids: [7, 7], batch: 2 }, { cache });
    expect(fork.length).toBe(8);
    fork.reorder([1, 0, 1]);
    const next = (await stack.run({ ids: [8, 8, 8], batch: 3 }, { cache: fork })).head!.toFloats();
    const fresh = (await stack.run({ ids: [...ids.map((id) => id + 10), 8] })).head!.toFloats().slice(8 * 50);
    for (const item of [0, 2]) {
      const ours = next.subarray(item * 50, (item + 1) * 50);
      expect(Math.max(...ours.map((value, index) => Math.abs(value - fresh[index]!)))).toBeLessThan(1e-5);
    }
  });

  it('branches: every branch equals reading prefix and tail anew, and a tail can join the prefix', async () => {
    const stack = await build(spec());
    const cache = stack.newCache();
    await stack.run({ ids: ids.slice(0, 5) }, { cache });
    const tree = cache.branch(4);
    const tails = [
      [7, 8, 9],
      [10, 11, 12],
      [13, 14, 15],
      [16, 17, 18],
    ];
    await stack.run({ ids: tails.map((tail) => tail[0]!), batch: 4 }, { tree });
    const rest = await stack.run({ ids: tails.flatMap((tail) => tail.slice(1)), batch: 4 }, { tree });
    const ours = rest.head!.toFloats();
    for (const [branch, tail] of tails.entries()) {
      const anew = (await stack.run({ ids: [...ids.slice(0, 5), ...tail] })).head!.toFloats().slice(6 * 50);
      const part = ours.subarray(branch * 100, (branch + 1) * 100);
      expect(Math.max(...part.map((value, index) => Math.abs(value - anew[index]!)))).toBeLessThan(1e-5);
    }
    tree.commit(2, 2);
    expect(tree.length).toBe(7);
    tree.clear(1);
    const next = (await stack.run({ ids: [20] }, { tree })).head!.toFloats();
    const anew = (await stack.run({ ids: [...ids.slice(0, 5), 13, 14, 20] })).head!.toFloats().slice(7 * 50);
    expect(Math.max(...next.map((value, index) => Math.abs(value - anew[index]!)))).toBeLessThan(1e-5);
  });

  it('is refused by another stack, while in use, and once released', async () => {
    const [stack, other] = [await build(spec()), await build(spec())];
    const cache = stack.newCache();
    await expect(other.run({ ids }, { cache })).rejects.toMatchObject({ code: 'native/wrong-cache' });
    const running = stack.run({ ids }, { cache });
    await expect(stack.run({ ids }, { cache })).rejects.toMatchObject({ code: 'native/wrong-cache' });
    expect(() => cache.crop(0)).toThrow(expect.objectContaining({ code: 'native/wrong-cache' }));
    await running;
    cache.release();
    await expect(stack.run({ ids }, { cache })).rejects.toMatchObject({ code: 'native/released' });
  });

  it('stays as it was when a run fails', async () => {
    const stack = await build(spec());
    const cache = stack.newCache();
    await stack.run({ ids: [1, 2] }, { cache });
    await expect(stack.run({ ids: [999] }, { cache })).rejects.toMatchObject({ code: 'native/out-of-range' });
    expect(cache.length).toBe(2);
    const next = (await stack.run({ ids: [3] }, { cache })).head!.toFloats();
    const anew = (await stack.run({ ids: [1, 2, 3] })).head!.toFloats().slice(100);
    expect(Math.max(...next.map((value, index) => Math.abs(value - anew[index]!)))).toBeLessThan(1e-5);
  });
});

describe('bad input', () => {
  const spec = (): StackSpec => ({ name: 'small', width: 16, layers: [preNorm(16, 24)] });

  it('names the part of a definition that does not fit', async () => {
    const broken: StackSpec = { ...spec(), norm: norm(12) };
    await expect(Stack.build(broken)).rejects.toMatchObject({
      code: 'native/bad-argument',
      message: expect.stringContaining('the weight of the final norm is 12 where 16 is expected'),
    });
  });

  it('names the tensor that holds a NaN', async () => {
    const bad = weight(16, 16);
    bad.data[37] = Number.NaN;
    const layers: SublayerSpec[][] = [
      [{ selfAttention: { heads: 2, qkv: linear(48, 16), output: { weight: { ...bad, name: 'out_proj.weight' } } } }],
    ];
    await expect(Stack.build({ ...spec(), layers })).rejects.toMatchObject({
      code: 'native/not-finite',
      message: expect.stringContaining('out_proj.weight'),
    });
  });

  it('tells wrong rows, lengths and numbers by name', async () => {
    const stack = await build(spec());
    const refused = (run: Promise<unknown>, text: string) =>
      expect(run).rejects.toMatchObject({ code: 'native/bad-argument', message: expect.stringContaining(text) });
    await refused(stack.run({ ids: [1] }), 'rows');
    await refused(stack.run({ rows: Tensor.from(random(30), [1, 2, 15]) }), '[batch, length, 16]');
    const rows = Tensor.from(random(32), [1, 2, 16]);
    await refused(stack.run({ rows }, { mask: [1] }), 'mask');
    await refused(stack.run({ rows }, { returnHidden: [5] }), 'returnHidden');
    rows.release();
    await expect(stack.run({ rows })).rejects.toMatchObject({ code: 'native/released' });
    stack.release();
    await expect(stack.run({ rows: Tensor.from(random(32), [1, 2, 16]) })).rejects.toMatchObject({
      code: 'native/released',
    });
  });

  it('names who awaited a run that failed on the threads of the addon', async () => {
    const stack = await build({ name: 'table', width: 4, tokens: { tokens: weight(3, 4) }, layers: [] });
    async function whoAsked(): Promise<void> {
      await stack.run({ ids: [3] });
    }
    await expect(whoAsked()).rejects.toMatchObject({
      code: 'native/out-of-range',
      stack: expect.stringContaining('whoAsked'),
    });
  });

  it('stops when aborted', async () => {
    const stack = await build({
      name: 'long',
      width: 256,
      layers: Array.from({ length: 8 }, () => preNorm(256, 1024)),
    });
    const abort = new AbortController();
    const rows = Tensor.from(random(600 * 256), [1, 600, 256]);
    const run = stack.run({ rows }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 2);
    await expect(run).rejects.toMatchObject({ code: 'run/cancelled' });
    await expect(stack.run({ rows }, { signal: abort.signal })).rejects.toMatchObject({ code: 'run/cancelled' });
  });
});
