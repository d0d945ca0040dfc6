import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rowSteps } from '../../../src/models/decoding/row-steps.ts';
import { llama } from '../../../src/models/families/llama.ts';
import { opt } from '../../../src/models/families/opt.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { RowLanguageModel } from '../../../src/models/towers/row-language-model.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

const IDS = [31, 4, 50, 9];
const FAMILIES = { opt_350m: opt, llama_scaled: llama } as const;
type Name = keyof typeof FAMILIES;

const stackOf = <Built>(name: Name, build: (stack: ReturnType<typeof opt>) => Promise<Built>) =>
  fromCheckpoint(join(FIXTURES, name), { model: 'test/rows' }, (checkpoint) =>
    build(FAMILIES[name](checkpoint, 'last')),
  );

let model: RowLanguageModel;
beforeAll(async () => {
  model = await stackOf('opt_350m', (stack) => RowLanguageModel.build(stack));
});

describe('a language model of rows', () => {
  it.each(['opt_350m', 'llama_scaled'] as const)('reads words as the model of ids does: %s', async (name) => {
    const plain = await stackOf(name, (stack) => LanguageModel.build(stack));
    const rows = await stackOf(name, (stack) => RowLanguageModel.build(stack));
    const ids = [1, 1, ...IDS, 12, 7, ...IDS];
    const mask = [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const expected = (await plain.read({ ids, batch: 2, mask, positionsFromMask: true })).head!.toFloats();
    const read = await rows.read({ rows: await rows.embed(ids, 2), mask, positionsFromMask: true });
    expect([...read.head!.toFloats()]).toEqual([...expected]);
  });

  it('puts rows in the place of a token, in order', async () => {
    const words = await model.embed([8, 9], 1);
    const ids = [5, 60, 60, 6];
    const text = await model.embed(ids, 1, model.insert(ids, words, 60));
    expect([...text.toFloats()]).toEqual([...(await model.embed([5, 8, 9, 6], 1)).toFloats()]);
  });

  it('needs a place for each row', () => {
    const rows = Tensor.from(new Float32Array(2 * model.width), [1, 2, model.width]);
    expect(() => model.insert([5, 60, 6], rows, 60)).toThrow(
      expect.objectContaining({ code: 'model/bad-input', message: expect.stringContaining('2 tokens 60') }),
    );
  });

  it('reads step by step what it reads at once', async () => {
    const steps = rowSteps(model, { batch: 1 });
    await steps.read(IDS.slice(0, 3));
    const stepped = (await steps.read(IDS.slice(3))).head!.toFloats();
    steps.release();
    const whole = (await model.read({ rows: await model.embed(IDS, 1) })).head!.toFloats();
    for (const [index, value] of stepped.entries()) expect(value).toBeCloseTo(whole[index]!, 4);
  });

  it('refuses more rows than it has positions', async () => {
    const ids = Array<number>(25).fill(5);
    await expect(model.read({ rows: await model.embed(ids, 1) })).rejects.toMatchObject({ code: 'model/bad-input' });
  });

  it('is made of words without a norm', async () => {
    const build = stackOf('opt_350m', ({ spec, ...others }) =>
      RowLanguageModel.build({ ...others, spec: { ...spec, tokens: { ...spec.tokens!, norm: { epsilon: 1 } } } }),
    );
    await expect(build).rejects.toMatchObject({ code: 'model/unsupported' });
  });
});
