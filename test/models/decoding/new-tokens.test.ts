import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../../../src/models/blocks/config-reader.ts';
import { readNewTokens } from '../../../src/models/decoding/generation-config.ts';
import { roomFor } from '../../../src/models/pipelines/room.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';

async function read(generation: object | undefined, config: Record<string, unknown> = {}) {
  const folder = temporaryFolder();
  if (generation !== undefined) await writeFile(join(folder, 'generation_config.json'), JSON.stringify(generation));
  return readNewTokens(folder, new ConfigReader(config, { model: 'test/new-tokens' }));
}

describe('how long texts become', () => {
  it('is told as new tokens, or as a length with the prompt', async () => {
    expect((await read({ max_new_tokens: 7, max_length: 40 }))(10)).toBe(7);
    expect((await read({ max_length: 40 }))(10)).toBe(30);
    expect((await read(undefined, { max_length: 12 }))(10)).toBe(2);
  });

  it('leaves room for one token after a long prompt, and is 20 where nothing tells', async () => {
    expect((await read({ max_length: 8 }))(10)).toBe(1);
    expect((await read(undefined))(10)).toBe(20);
  });

  it('ends with the positions', () => {
    expect(roomFor('test/room', 10, 16, 20)).toBe(7);
    expect(roomFor('test/room', 10, 16, 3)).toBe(3);
    for (const prompt of [0, 17]) {
      expect(() => roomFor('test/room', prompt, 16, 3)).toThrow(expect.objectContaining({ code: 'model/bad-input' }));
    }
  });
});
