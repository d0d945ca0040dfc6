import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import type { CheckpointsApi } from '../../../src/protocol/application.ts';
import { weft } from '../captured-run.ts';

const HERE = import.meta.dirname;

describe('weft models convert', () => {
  it('tells what it made, with paths from where it stands', async () => {
    const asked: Parameters<CheckpointsApi['convert']>[] = [];
    const convert: CheckpointsApi['convert'] = async (...given) => {
      asked.push(given);
      given[1]?.onProgress?.(1024, 2048);
      return { file: 'made/model.safetensors', tensors: 1, bytes: 2048 };
    };
    const options = { application: { checkpoints: { convert } }, cwd: HERE };
    const drawn = await weft(['models', 'convert', 'in/two.pth', '--key', 'model'], options);
    expect(drawn).toMatchObject({ code: 0, err: '' });
    expect(drawn.out).toMatch(/^1 tensor, 2\S* \S+, in made\/model\.safetensors\n$/);
    const document = await weft(
      ['models', 'convert', join(HERE, 'two.pth'), '-k', 'ema', '-o', 'out', '--json'],
      options,
    );
    expect(JSON.parse(document.out)).toEqual({ file: 'made/model.safetensors', tensors: 1, bytes: 2048 });
    expect(asked.map(([path, { output, key } = {}]) => [path, output, key])).toEqual([
      [join(HERE, 'in', 'two.pth'), undefined, 'model'],
      [join(HERE, 'two.pth'), join(HERE, 'out'), 'ema'],
    ]);
  });

  it('ends as its error says, as JSON where that is asked for', async () => {
    const convert: CheckpointsApi['convert'] = async () => {
      throw new WeftError('model/unsafe-checkpoint', {
        path: 'a.pt',
        reason: 'mentions "os.system", which is not taken',
      });
    };
    const application = { checkpoints: { convert } };
    const { code, out, err } = await weft(['models', 'convert', 'a.pt', '--json'], { application });
    expect(code).toBe(5);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'model/unsafe-checkpoint' } });
    expect(err).toContain('os.system');
  });
});
