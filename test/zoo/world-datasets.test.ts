/** The files that the generator writes are valid in the formats of COCO, VQAv2 and SNLI-VE, and agree with each other. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapes } from '../../tools/zoo/world/vocabulary.ts';
import { writeDatasets } from '../../tools/zoo/world/write.ts';

const run = promisify(execFile);
const seed = 100_000_000;
const count = 20;
const size = 96;
let folder: string;

const json = async (name: string) => JSON.parse(await readFile(path.join(folder, 'annotations', name), 'utf8'));
const jsonLines = async (name: string) =>
  (await readFile(path.join(folder, 'annotations', name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weft-world-'));
  await writeDatasets({ seed, count, out: folder, size });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('pictures', () => {
  it('are PNG files named by seed, one a scene', async () => {
    const names = (await readdir(path.join(folder, 'images'))).toSorted();
    expect(names).toHaveLength(count);
    expect(names[0]).toBe('000100000000.png');
    const { width, height, format } = await sharp(path.join(folder, 'images', names[7]!)).metadata();
    expect([width, height, format]).toEqual([size, size, 'png']);
  });
});

describe('COCO captions', () => {
  it('have five captions a picture, unique ids and only known pictures', async () => {
    const { images, annotations, licenses, info } = await json('captions_val.json');
    expect(info.version).toBe('1');
    const known = new Set(images.map((image: { id: number }) => image.id));
    expect(known.size).toBe(count);
    expect(annotations).toHaveLength(count * 5);
    expect(new Set(annotations.map((row: { id: number }) => row.id)).size).toBe(annotations.length);
    for (const row of annotations) {
      expect(known.has(row.image_id)).toBe(true);
      expect(row.caption).toMatch(/^[a-z ,-]+$/);
    }
    for (const image of images) {
      expect(image).toMatchObject({ width: size, height: size, license: licenses[0].id });
    }
  });
});

describe('COCO instances', () => {
  it('have boxes inside the picture, segmentations inside boxes and positive areas', async () => {
    const { annotations, categories } = await json('instances_val.json');
    expect(categories.map((category: { name: string }) => category.name)).toEqual([...shapes]);
    expect(new Set(annotations.map((row: { id: number }) => row.id)).size).toBe(annotations.length);
    for (const row of annotations) {
      const [x, y, width, height] = row.bbox;
      expect(x >= 0 && y >= 0 && x + width <= size && y + height <= size).toBe(true);
      expect(row.area).toBeGreaterThan(0);
      expect(row.area).toBeLessThan(width * height);
      expect(row.iscrowd).toBe(0);
      expect(categories.some((category: { id: number }) => category.id === row.category_id)).toBe(true);
      if (Array.isArray(row.segmentation)) {
        for (const polygon of row.segmentation) {
          expect(polygon.length % 2).toBe(0);
          expect(polygon.length).toBeGreaterThanOrEqual(6);
          const xs = polygon.filter((_: number, i: number) => i % 2 === 0);
          const ys = polygon.filter((_: number, i: number) => i % 2 === 1);
          expect(Math.min(...xs)).toBeCloseTo(x, 1);
          expect(Math.max(...xs)).toBeCloseTo(x + width, 1);
          expect(Math.min(...ys)).toBeCloseTo(y, 1);
          expect(Math.max(...ys)).toBeCloseTo(y + height, 1);
        }
      } else {
        const { counts, size: shape } = row.segmentation;
        expect(shape).toEqual([size, size]);
        expect(counts.reduce((sum: number, run: number) => sum + run, 0)).toBe(size * size);
      }
    }
  });
});

describe('VQAv2', () => {
  it('pairs each question with one annotation of ten answers', async () => {
    const asked = await json('questions_val.json');
    const answered = await json('answers_val.json');
    expect(asked.task_type).toBe('Open-Ended');
    expect(answered.annotations).toHaveLength(asked.questions.length);
    const byId = new Map(answered.annotations.map((row: { question_id: number }) => [row.question_id, row]));
    expect(byId.size).toBe(asked.questions.length);
    for (const { question_id, image_id, question } of asked.questions) {
      const row = byId.get(question_id) as Record<string, unknown> & {
        answers: { answer: string; answer_id: number }[];
      };
      expect(row.image_id).toBe(image_id);
      expect(row.answers.map(({ answer_id }) => answer_id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(row.answers.every(({ answer }) => answer === row.multiple_choice_answer)).toBe(true);
      const type = /^(yes|no)$/.test(row.answers[0]!.answer)
        ? 'yes/no'
        : /^\d+$/.test(row.answers[0]!.answer)
          ? 'number'
          : 'other';
      expect(row.answer_type).toBe(type);
      expect(question.startsWith(row.question_type as string)).toBe(true);
    }
  });
});

describe('lines', () => {
  it('of entailment name the three labels, those of scenes the truth of each picture', async () => {
    const rows = await jsonLines('entailment_val.jsonl');
    expect(new Set(rows.map((row) => row.gold_label))).toEqual(new Set(['entailment', 'neutral', 'contradiction']));
    const scenes = await jsonLines('scenes_val.jsonl');
    const { annotations } = await json('instances_val.json');
    expect(scenes.map((scene) => scene.objects.length).reduce((a, b) => a + b, 0)).toBe(annotations.length);
    expect(scenes.map((scene) => scene.seed)).toEqual(Array.from({ length: count }, (_, i) => seed + i));
  });
});

describe('command line', () => {
  const call = (...words: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'tools/zoo/world/main.ts', ...words], { timeout: 25_000 });

  it('writes the packed form: pixels of the stated size, one line a scene', async () => {
    const out = path.join(folder, 'packed');
    const words = [
      '--form',
      'pack',
      '--count',
      '5',
      '--seed',
      String(seed),
      '--out',
      out,
      '--size',
      '32',
      '--complete',
    ];
    expect(JSON.parse((await call(...words)).stdout)).toMatchObject({ scenes: 5, seed, split: 'val' });
    expect((await readFile(path.join(out, 'pixels.bin'))).length).toBe(5 * 32 * 32 * 3);
    const lines = (await readFile(path.join(out, 'scenes.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.seed)).toEqual([0, 1, 2, 3, 4].map((i) => seed + i));
    expect(lines.every((line) => line.close.n.length === 6 && typeof line.all.t === 'string')).toBe(true);
  });

  it('refuses missing options and seeds of two splits', async () => {
    await expect(call('--count', '5')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
    const across = call('--count', '5', '--seed', String(seed - 1), '--out', path.join(folder, 'none'));
    await expect(across).rejects.toMatchObject({ stderr: expect.stringContaining('not inside one split') });
  });
});
