/** Blocks of papers whose models have no class in transformers, against their equations. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fiber } from '../../../src/models/families/fiber.ts';
import { flamingo, placeMedia } from '../../../src/models/families/flamingo.ts';
import { vcGpt } from '../../../src/models/families/vc-gpt.ts';
import { virtex } from '../../../src/models/families/virtex.ts';
import { VirtexHead } from '../../../src/models/families/virtex-head.ts';
import { visualGpt } from '../../../src/models/families/visualgpt.ts';
import { VisualGptBlock } from '../../../src/models/families/visualgpt-block.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-research-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read<Spec>(
  fixture: string,
  name: string,
  alterations: Alterations,
  family: (checkpoint: Checkpoint) => Spec | Promise<Spec>,
) {
  const place = await alterCheckpoint(fixture, join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/block' }, family);
}

const blank = (shape: readonly number[]) =>
  Tensor.from(new Float32Array(shape.reduce((product, side) => product * side, 1)), shape);

describe.each([
  ['flamingo_options', 4],
  ['visualgpt_options', 7],
  ['fiber_options', 6],
  ['virtex_norm_first', 4],
  ['virtex_head', 4],
  ['vc_gpt', 3],
])('%s', (fixture, outputs) => {
  it.each(['fp32', 'bf16', 'int8'] as const)('agrees with its equations in %s', async (precision) => {
    const outcomes = await runFixture(fixture, precision);
    expect(complaints(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(outputs);
  });
});

describe('Flamingo', () => {
  it('may lack embeddings of frames and pictures, and then adds none', async () => {
    const { positions } = await read(
      'flamingo_options',
      'no-positions',
      {
        config: { max_frames: undefined, max_media: undefined },
        rename: (name) => (/frame_embs|media_time_embs/.test(name) ? undefined : name),
      },
      flamingo,
    );
    expect(positions).toEqual({ frames: undefined, media: undefined });
    const placed = await placeMedia(Tensor.from(Float32Array.of(1, 2, 3, 4), [1, 2, 1, 1, 2]), positions);
    expect([placed.shape, [...placed.toFloats()]]).toEqual([
      [2, 1, 2],
      [1, 2, 3, 4],
    ]);
  });

  it('refuses a configuration that promises embeddings the file lacks', async () => {
    const rename = (name: string) => (name === 'perceiver.frame_embs' ? undefined : name);
    await expect(read('flamingo_options', 'promised', { rename }, flamingo)).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('"max_frames"'),
    });
  });

  it('refuses more frames or pictures than it has learned', async () => {
    const { positions } = await read('flamingo_options', 'learned', {}, flamingo);
    for (const shape of [
      [1, 2, 3, 3, 18],
      [1, 4, 1, 3, 18],
    ]) {
      await expect(placeMedia(blank(shape), positions)).rejects.toMatchObject({ code: 'native/bad-argument' });
    }
  });
});

describe('VisualGPT', () => {
  it('refuses a threshold that is no share, and levels it has no gates for', async () => {
    await expect(read('visualgpt_options', 'tau', { config: { tau: 1.5 } }, visualGpt)).rejects.toMatchObject({
      code: 'model/bad-config',
    });
    const block = await read('visualgpt_options', 'levels', {}, (one) => VisualGptBlock.build(visualGpt(one)));
    const input = { hidden: blank([1, 2, 18]), levels: [] };
    for (const run of [block.runPaper(input), block.runCode(input)]) {
      await expect(run).rejects.toMatchObject({
        code: 'native/bad-argument',
        message: expect.stringContaining('levels'),
      });
    }
    block.release();
  });
});

describe('VC-GPT', () => {
  it('needs a head for what the picture says', async () => {
    const rename = (name: string) => (name === 'fusion_head.weight' ? undefined : name);
    await expect(read('vc_gpt', 'head', { rename }, vcGpt)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"fusion_head.weight" is missing, expected [60 x 24]'),
    });
  });
});

describe('FIBER', () => {
  it('needs the numbers that its cross-attention is added with', async () => {
    const rename = (name: string) => (name.endsWith('alpha_t2i') ? undefined : name);
    await expect(read('fiber_options', 'alpha', { rename }, fiber)).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"text.0.alpha_t2i" is missing'),
    });
  });
});

describe('VirTex', () => {
  it('leaves what published files hold twice, and the network that sees', async () => {
    const add = {
      'backward_textual.embedding.words.weight': f32([1], [1]),
      'textual.output.weight': f32([1], [1]),
      'visual.cnn.conv1.weight': f32([1], [1]),
    };
    expect((await read('virtex_norm_first', 'published', { add }, virtex)).positions).toBe(9);
  });

  it('refuses captions that are longer than its positions', async () => {
    const head = await fromCheckpoint(join(FIXTURES, 'virtex_norm_first'), { model: 'test/virtex' }, (one) =>
      VirtexHead.build(virtex(one)),
    );
    const ids = Array<number>(10).fill(4);
    await expect(
      head.read('forward', { visual: blank([1, 10, 1, 1]), ids, mask: ids.map(() => 1) }),
    ).rejects.toMatchObject({ code: 'model/bad-input', message: expect.stringContaining('from 1 to 9 tokens') });
    head.release();
  });
});
