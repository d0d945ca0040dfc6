import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFamilyLoader, type FamilyModel } from '../../../src/models/pipelines/family-loader.ts';
import { ModelStore } from '../../../src/models/store.ts';
import magic from '../../../src/nodes/free/magic.ts';
import type { Services } from '../../../src/nodes/services.ts';
import { readDecodingTrace } from '../../../src/protocol/decoding-trace.ts';
import type { NodeContext } from '../../../src/protocol/node.ts';
import type { ImageValue, Value } from '../../../src/protocol/value.ts';
import { failure } from '../../files/temporary-folder.ts';
import { contextWith, filled, runNode } from '../call-node.ts';
import { familyOf, text } from '../fake-family.ts';

const ZOO = join(import.meta.dirname, '..', '..', '..', 'models', 'zoo');
const MODELS = { language: 'zoo/gpt2-shapes', comparison: 'zoo/clip-shapes' } as const;
const SHORT = { ...MODELS, k: 6, maxTokens: 6 };

/** A grey square with a red one inside it. */
const image: ImageValue = {
  ...{ kind: 'Image', width: 64, height: 64, name: 'square.png' },
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => {
    const [x, y, channel] = [Math.floor(index / 3) % 64, Math.floor(index / 192), index % 3];
    const inside = x > 16 && x < 48 && y > 16 && y < 48;
    return inside ? [220, 30, 30][channel]! : 200;
  }),
};
const inputs = { image, title: undefined };

let folder: string;
let load: ReturnType<typeof createFamilyLoader>;
let language: FamilyModel;
let comparison: FamilyModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-magic-'));
  const none = async () => {
    throw new Error('no folder was meant');
  };
  load = createFamilyLoader(new ModelStore({ zooFolder: ZOO, cacheFolder: folder, hubFolder: folder, locate: none }));
  language = await load(MODELS.language);
  comparison = await load(MODELS.comparison);
});
afterAll(() => rm(folder, { recursive: true }));

/** The two models, one of them changed. */
const services = (change: { language?: Partial<FamilyModel>; comparison?: Partial<FamilyModel> } = {}) =>
  ({
    family: async (ref: string) =>
      ref === MODELS.language ? { ...language, ...change.language } : { ...comparison, ...change.comparison },
  }) as Pick<Services, 'family'>;

const factsOf = ({ rows }: { readonly rows: readonly (readonly (string | number | null)[])[] }) =>
  Object.fromEntries(rows as [string, number][]);

describe('free/magic', () => {
  it('writes word by word, with the reasons, and reads fewer candidates than the published procedure', async () => {
    const fast = await runNode(magic, SHORT, inputs, services());
    const reference = await runNode(magic, { ...SHORT, mode: 'reference' }, inputs, services());
    expect(fast.caption.text).toMatch(/^\S+( \S+)+$/);
    expect(reference.caption).toEqual(fast.caption);
    const { steps } = readDecodingTrace(fast.trace)!;
    // One of the six tokens is the start.
    expect(steps).toHaveLength(5);
    for (const { candidates } of steps) {
      expect(candidates).toHaveLength(6);
      expect(candidates.reduce((sum, { magic }) => sum + magic!, 0)).toBeCloseTo(1, 6);
      const best = Math.max(...candidates.map(({ score }) => score));
      expect(candidates.filter(({ chosen }) => chosen).map(({ score }) => score)).toEqual([best]);
    }
    expect(factsOf(fast.facts)).toMatchObject({ tokens: 5, candidates: 30, 'texts encoded whole': 0 });
    expect(factsOf(reference.facts)).toMatchObject({ 'read by the language model': 30, 'texts encoded whole': 1 });
    expect(Number(factsOf(fast.facts)['read by the language model'])).toBeLessThan(30);
  });

  it('tells the newest step of the trace while it writes', async () => {
    const context = contextWith(services());
    const told: Value[] = [];
    const progress: NodeContext<Services>['progress'] = (_done, _total, _note, partial) => {
      if (partial !== undefined) told.push(partial.trace!);
    };
    const params = filled(magic, SHORT);
    const { trace } = await magic.run!({ params, inputs, context: { ...context, progress } });
    const steps = told.map((table) => (table.kind === 'Table' ? [...new Set(table.rows.map(([step]) => step))] : []));
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.every((of) => of.length === 1)).toBe(true);
    const rows = new Set(trace.rows.map((row) => row.join()));
    for (const table of told)
      if (table.kind === 'Table') for (const row of table.rows) expect(rows).toContain(row.join());
  });

  it('encodes texts whole for a tower that sees later tokens, and tells so', async () => {
    const { textSearch, ...whole } = comparison;
    const whole_ = { family: async (ref: string) => (ref === MODELS.language ? language : whole) } as Pick<
      Services,
      'family'
    >;
    const expected = await runNode(magic, SHORT, inputs, services());
    const found = await runNode(magic, SHORT, inputs, whole_);
    expect(textSearch).toBeDefined();
    expect(found.caption).toEqual(expected.caption);
    expect(factsOf(found.facts)['texts encoded whole']).toBe(1);
  });

  it('begins with a title, a token or any text, none of which is part of the caption', async () => {
    const titled = await runNode(magic, SHORT, { image, title: text('a red square') }, services());
    const prompt = language.language!.tokenizer.encode('a red square', { specialTokens: false }).ids.length + 1;
    const tokens = (facts: typeof titled.facts) => Number(factsOf(facts).tokens);
    const long = { ...SHORT, maxTokens: prompt + 2 };
    expect(tokens((await runNode(magic, long, { image, title: text('a red square') }, services())).facts)).toBe(2);
    expect(titled.caption.text.startsWith('a red square')).toBe(false);
    const begun = await runNode(magic, { ...SHORT, start: '<|endoftext|>' }, inputs, services());
    expect(tokens(begun.facts)).toBe(5);
    const thrown = await failure(
      runNode(magic, { ...SHORT, start: 'a red circle and a red square' }, inputs, services()),
    );
    expect(thrown).toMatchObject({
      code: 'model/bad-input',
      message: expect.stringMatching(/a start shorter than 6 tokens/),
    });
  });

  it('keeps so many sentences of a story', async () => {
    const story = { ...MODELS, preset: 'stories', maxTokens: 40, k: 3 };
    const { caption } = await runNode(magic, story, inputs, services());
    expect(caption.text.split('.').length - 1).toBeLessThanOrEqual(5);
  });

  it('refuses more candidates than there are tokens, and models of other kinds', async () => {
    const run = (params: object, models = services()) =>
      failure(runNode(magic, { ...SHORT, ...params }, inputs, models));
    expect(await run({ k: 900 })).toMatchObject({
      code: 'model/bad-input',
      message: expect.stringMatching(/from 1 to 506/),
    });
    const writer = familyOf({ 'text-generation': async () => ({ kind: 'Caption', text: '' }) });
    expect(await run({}, writer)).toMatchObject({
      code: 'model/unsupported',
      message: expect.stringMatching(/a causal language model/),
    });
    const blind = services({ comparison: { tasks: {} } });
    expect(await run({}, blind)).toMatchObject({
      code: 'model/unsupported',
      message: expect.stringMatching(/compares pictures/),
    });
  });

  it('needs a start that the language model knows', async () => {
    const { tokenizer, model, endIds } = language.language!;
    const nameless = Object.assign(Object.create(tokenizer), {
      idOf: () => undefined,
      encode: tokenizer.encode.bind(tokenizer),
    });
    const none = services({ language: { language: { tokenizer: nameless, model, endIds, startId: undefined } } });
    const thrown = await failure(runNode(magic, SHORT, inputs, none));
    expect(thrown).toMatchObject({ code: 'model/bad-config', message: expect.stringMatching(/"bos_token_id"/) });
  });
});
