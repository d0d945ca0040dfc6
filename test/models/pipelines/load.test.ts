import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { load, type TaskFunction, type TaskOutput } from '../../../src/index.ts';
import type { FamilyDefinition } from '../../../src/models/pipelines/family.ts';
import type { OutputFor } from '../../../src/models/pipelines/load.ts';
import type { AnswerValue, ImageValue, ScoresValue } from '../../../src/protocol/value.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { FIXTURES } from '../families/parity-fixture.ts';

const picture = join(import.meta.dirname, '../../../graphs/examples/scene-1.png');
const folder = join(FIXTURES, 'bert');

/** A family whose answers are what it was given. */
function echoFamily(state = { released: 0 }): FamilyDefinition {
  return {
    name: 'echo',
    title: 'Echo',
    paper: { title: 'None', url: 'https://example.org' },
    modelTypes: ['bert'],
    architectures: { BertModel: ['visual-question-answering', 'fill-mask', 'image-feature-extraction'] },
    checkpoints: [],
    graph: 'echo',
    load: async () => ({
      bytes: 0,
      release: () => {
        state.released += 1;
      },
      tasks: {
        'visual-question-answering': async ({ question, ...sight }, options) => {
          options?.onText?.('piece');
          const image: Partial<ImageValue> = 'image' in sight ? sight.image : {};
          return { kind: 'Answer', text: `${question} ${image.name} ${image.width}` };
        },
        'fill-mask': async ({ text }) => [{ kind: 'Scores', entries: [{ label: text, score: 1 }], normalized: true }],
        'image-feature-extraction': async ({ images }) => images.map(({ data }) => Float32Array.of(data.length)),
      },
    }),
  };
}

const open = (options = {}) => load(folder, { families: [echoFamily()], cacheFolder: temporaryFolder(), ...options });

describe('load', () => {
  it("gives a function for the class's first task, with what the model is", async () => {
    const answer = await open();
    expect({ ...answer }).toMatchObject({
      family: 'echo',
      architecture: 'BertModel',
      task: 'visual-question-answering',
      tasks: ['visual-question-answering', 'fill-mask', 'image-feature-extraction'],
      model: folder,
    });
    const pieces: string[] = [];
    const onText = (piece: string) => pieces.push(piece);
    const { text } = await answer({ image: picture, question: 'what?' }, { onText });
    expect(text).toBe('what? scene-1.png 256');
    expect(pieces).toEqual(['piece']);
  });

  it('takes a picture as path, URL, bytes or value', async () => {
    const extract = await open({ task: 'image-feature-extraction' });
    const bytes = await readFile(picture);
    const value: ImageValue = { kind: 'Image', data: new Uint8Array(12), width: 2, height: 2 };
    const url = pathToFileURL(picture);
    const rows = await extract({ images: [picture, url, url.href, bytes, new Uint8Array(bytes), value] });
    const whole = 256 * 256 * 3;
    expect((rows as Float32Array[]).map(([count]) => count)).toEqual([whole, whole, whole, whole, whole, 12]);
  });

  it('tells what is missing, unknown or of another kind', async () => {
    const answer = await open();
    const told = async (input: unknown) => {
      const { code, message } = await failure(answer(input as { image: string; question: string }));
      return `${code}: ${message}`;
    };
    expect(await told({ image: picture })).toMatch(/^model\/bad-input: .*received no question/);
    expect(await told({ question: 'what?' })).toContain('received no image or regions');
    expect(await told({ image: picture, question: 'what?', text: 'x' })).toContain('received also text');
    expect(await told({ image: picture, question: await readFile(picture) })).toContain('expects a text');
    expect(await told({ image: 7, question: 'what?' })).toContain('expects a picture');
    const cut = { kind: 'Image', data: new Uint8Array(3), width: 2, height: 2 };
    expect(await told({ image: cut, question: 'what?' })).toContain('received a value of kind Image');
    expect(await told('what?')).toContain('expects an object with image or regions, question, and perhaps maxTokens');
    expect(await told({ image: 'https://example.org/a.png', question: 'a' })).toContain('nothing is downloaded');
    expect(await told({ image: './nothing.png', question: 'a' })).toMatch(/^input\/not-found/);
    expect(await told({ image: Buffer.from('text'), question: 'a' })).toMatch(/^input\/bad-image/);
    expect(await told({ regions: { features: 1 }, question: 'a' })).toContain('expects regions');
  });

  it('refuses tasks that the checkpoint does not do, and models that are not here', async () => {
    const state = { released: 0 };
    const families = [echoFamily(state)];
    const thrown = await failure(load(folder, { families, task: 'image-to-text', cacheFolder: temporaryFolder() }));
    expect(thrown).toMatchObject({ code: 'model/unsupported' });
    expect(thrown.message).toContain('visual-question-answering, fill-mask');
    expect(state.released).toBe(1);
    const hubFolder = temporaryFolder();
    const missing = await failure(load('nobody/nothing', { hubFolder, cacheFolder: temporaryFolder() }));
    expect(missing).toMatchObject({ code: 'model/not-found' });
    expect(missing.remedy).toContain('weft models pull nobody/nothing');
    expect(await failure(load('./nothing', { hubFolder }))).toMatchObject({ code: 'input/not-found' });
  });

  it('lets go of the weights once it is released', async () => {
    const state = { released: 0 };
    const answer = await open({ families: [echoFamily(state)] });
    answer.release();
    expect(state.released).toBe(1);
    expect(await failure(answer({ image: picture, question: 'a' }))).toMatchObject({ code: 'native/released' });
  });

  it('has types by task, and by input where no task is named', () => {
    expectTypeOf<TaskFunction<'fill-mask'>>().returns.resolves.toEqualTypeOf<readonly ScoresValue[]>();
    expectTypeOf<TaskOutput<'visual-question-answering'>>().toEqualTypeOf<AnswerValue>();
    expectTypeOf<OutputFor<{ image: string; question: string }>>().toEqualTypeOf<AnswerValue>();
    expectTypeOf<OutputFor<{ image: URL; query: Uint8Array }>['kind']>().toEqualTypeOf<'Boxes' | 'Masks'>();
    expectTypeOf<Parameters<TaskFunction<'image-classification'>>[0]>().not.toExtend<{ image: ImageValue }>();
    // @ts-expect-error an answer needs a question
    const wrong: Parameters<TaskFunction<'visual-question-answering'>>[0] = { image: 'a.png' };
    expect(wrong).toBeDefined();
  });
});
