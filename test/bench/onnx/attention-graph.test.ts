/** All of ONNX Runtime's ways compute the attention that the formula says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attentionCase } from '../../../bench/entrants/attention.ts';
import { relativeError } from '../../../bench/harness/agreement.ts';
import { ATTENTION_WAYS, writeAttention } from '../../../bench/onnx/attention-graph.ts';
import { floats, openSession, outputOf } from '../../../bench/peers/onnx-runtime.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('attention written as ONNX', () => {
  const problem = attentionCase(9, 2, 8);
  const { query, key, value, heads, size } = problem;

  function expected(): Float32Array {
    const width = heads * size;
    const out = new Float32Array(9 * width);
    for (let head = 0; head < heads; head += 1) {
      for (let row = 0; row < 9; row += 1) {
        const at = (rows: Float32Array, index: number, element: number) => rows[index * width + head * size + element]!;
        const scores = Array.from({ length: 9 }, (_, other) => {
          let sum = 0;
          for (let e = 0; e < size; e += 1) sum += at(query.data, row, e) * at(key.data, other, e);
          return Math.exp(sum / Math.sqrt(size));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        for (let e = 0; e < size; e += 1) {
          const sum = scores.reduce((all, score, other) => all + score * at(value.data, other, e), 0);
          out[row * width + head * size + e] = sum / total;
        }
      }
    }
    return out;
  }

  it.each(ATTENTION_WAYS)('%s', async (way) => {
    const path = join(folder, `${way}.onnx`);
    await writeAttention(path, problem, way);
    const session = await openSession(path, 1);
    const [q, k, v] = [query, key, value].map(({ data, shape }) => floats(data, shape));
    const y = await outputOf(session, { query: q!, key: k!, value: v! });
    await session.release();
    expect(relativeError(y, expected())).toBeLessThan(1e-5);
  });
});
