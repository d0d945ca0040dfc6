import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sigmoid } from '../../../src/models/blocks/sigmoid.ts';
import { owl } from '../../../src/models/families/owl.ts';
import {
  boxBias,
  boxesLikePicture,
  cornersOf,
  detections,
  leastLike,
  placeBoxes,
  relativeScores,
} from '../../../src/models/families/owl-boxes.ts';
import { OwlDetector, releaseSight } from '../../../src/models/families/owl-detector.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { f32 } from '../../native/safetensors-bytes.ts';
import { type Alterations, alterCheckpoint } from './altered-checkpoint.ts';
import { complaints, FIXTURES, runFixture } from './parity-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-owl-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function loadAltered(name: string, alterations: Alterations) {
  const place = await alterCheckpoint('owlv2', join(folder, name), alterations);
  return fromCheckpoint(place, { model: 'test/owl' }, (checkpoint) => owl(checkpoint, 'owlv2'));
}

describe('OWL-ViT and OWLv2 against transformers', () => {
  it.each(['owlvit_options', 'owlv2'])('%s', async (name) => {
    for (const precision of ['fp32', 'bf16', 'int8'] as const) {
      const outcomes = await runFixture(name, precision);
      expect(complaints(outcomes)).toEqual([]);
      expect(outcomes.length).toBeGreaterThanOrEqual(29);
    }
  });
});

describe('checkpoints of OWLv2', () => {
  it('may hold the grid of boxes, which is ignored', async () => {
    const { dim } = await loadAltered('buffers', {
      add: {
        box_bias: f32([16, 4], new Array(64).fill(0)),
        'owlv2.text_model.embeddings.position_ids': f32([1, 2], [0, 1]),
      },
    });
    expect(dim).toBe(32);
  });

  it('without the objectness head tell its weights', async () => {
    const rename = (name: string) => (name.startsWith('objectness_head.dense0') ? undefined : name);
    await expect(loadAltered('partial', { rename })).rejects.toMatchObject({
      code: 'model/bad-weights',
      message: expect.stringContaining('"objectness_head.dense0.weight" is missing, expected [32 x 32]'),
    });
  });

  it('must project texts to the width of their tower', async () => {
    await expect(loadAltered('projection', { config: { projection_dim: 16 } })).rejects.toMatchObject({
      code: 'model/bad-config',
      message: expect.stringContaining('32, the width of the tower of texts, for "projection_dim"'),
    });
  });

  it('of another class are refused', async () => {
    await expect(loadAltered('class', { config: { architectures: ['Owlv2Model'] } })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('Owlv2ForObjectDetection'),
    });
  });
});

describe('a detector', () => {
  it('refuses pictures of another size unless positions may be resized', async () => {
    const content = await readFile(join(FIXTURES, 'owlv2', 'config.json'), 'utf8');
    expect(JSON.parse(content).vision_config.image_size).toBe(32);
    const detector = await fromCheckpoint(join(FIXTURES, 'owlv2'), { model: 'test/owl' }, async (checkpoint) =>
      OwlDetector.build(await owl(checkpoint, 'owlv2')),
    );
    const pictures = { data: new Float32Array(3 * 40 * 33), shape: [1, 3, 40, 33] };
    await expect(detector.see(pictures)).rejects.toMatchObject({ code: 'model/bad-input' });
    const sight = await detector.see(pictures, { resizePositions: true });
    expect(sight.grid).toEqual([5, 4]);
    expect(sight.boxes.length).toBe(5 * 4 * 4);
    releaseSight(sight);
    expect(detector.bytes).toBeGreaterThan(0);
    detector.release();
  });
});

describe('boxes on the grid', () => {
  it('lie at their patches and have their size when the head says nothing', () => {
    const boxes = placeBoxes(new Float32Array(2 * 4 * 4), boxBias([2, 2]));
    const second = boxes.slice(4, 8);
    expect(second[0]).toBeCloseTo(1, 3);
    expect(second[1]).toBeCloseTo(0.5, 3);
    expect(second[2]).toBeCloseTo(0.5, 3);
    // The bias repeats for the second picture.
    expect(boxes.slice(16)).toEqual(boxes.slice(0, 16));
    expect(cornersOf(Float32Array.of(9, 9, 9, 9, 0.5, 0.5, 0.5, 0.25), 1)).toEqual([0.25, 0.375, 0.75, 0.625]);
  });

  it('are wide where there are few columns', () => {
    const [, , width, height] = placeBoxes(new Float32Array(4), boxBias([4, 2]));
    expect(width).toBeCloseTo(0.5, 3);
    expect(height).toBeCloseTo(0.25, 3);
  });
});

describe('the box that stands for a picture', () => {
  const whole = [0.5, 0.5, 1, 1];
  const most = [0.5, 0.45, 1, 0.9];
  const corner = [0.1, 0.1, 0.2, 0.2];

  it('covers it about as well as the best', () => {
    expect(boxesLikePicture(Float32Array.from([...corner, ...whole, ...most]))).toEqual([1, 2]);
  });

  it('is, where none touches it, the nearest by generalised overlap', () => {
    const outside = Float32Array.from([3, 0.5, 1, 1, 1.5, 0.5, 0.5, 0.5, 5, 5, 1, 1]);
    expect(boxesLikePicture(outside)).toEqual([1]);
  });

  it('has the class embedding least like the mean', () => {
    expect(leastLike(Float32Array.of(1, 0, 0, 1, -1, 0), Float32Array.of(1, 0.5))).toBe(2);
    expect(leastLike(Float32Array.of(1, 0, 1, 0), Float32Array.of(1, 0))).toBe(0);
  });
});

describe('detections', () => {
  it('are patches whose best query is above the threshold, in pixels', () => {
    const logits = Float32Array.of(-4, 2, 3, 1, -5, -5);
    const boxes = Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 1, 1);
    expect(detections(logits, boxes, { threshold: 0.5, scale: [200, 100] })).toEqual([
      { corners: [50, 25, 150, 75], score: sigmoid(2), query: 1 },
      { corners: [0, 0, 100, 50], score: sigmoid(3), query: 0 },
    ]);
  });

  it('must exceed the threshold', () => {
    expect(detections(Float32Array.of(0), new Float32Array(4), { threshold: 0.5, scale: [1, 1] })).toEqual([]);
  });
});

describe('scores of matches with a picture', () => {
  it('are told in relation to the best, and vanish at a tenth of it', () => {
    const [best, middle, tenth] = relativeScores([0.8, 0.44, 0.08]);
    expect(best).toBeCloseTo(1, 5);
    expect(middle).toBeCloseTo(0.5, 5);
    expect(tenth).toBe(0);
    expect(relativeScores([])).toEqual([]);
  });
});
