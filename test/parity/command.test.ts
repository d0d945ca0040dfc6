import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'parity');

function parity(...args: string[]): Promise<{ code: number; lines: string[]; errors: string }> {
  const command = ['--import', 'tsx', join(root, 'tools', 'parity', 'main.ts'), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), lines: stdout.trim().split('\n'), errors: stderr });
    });
  });
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weft-parity-'));
  await mkdir(join(folder, 'later'));
  await writeFile(join(folder, 'later', 'case.json'), '{"family": "telepathy"}');
});

afterAll(() => rm(folder, { recursive: true }));

describe('npm run parity', { timeout: 120_000 }, () => {
  it('ends with the counts, and lists families that are not built yet', async () => {
    await cp(join(fixtures, 'preprocess'), join(folder, 'preprocess'), { recursive: true });
    const { code, lines } = await parity('--dir', folder);
    expect(lines).toContain('skipped  later: family "telepathy" is not built yet');
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, 1 skipped$/);
    expect(code).toBe(0);
  });

  it('fails when a single byte differs', async () => {
    const path = join(folder, 'preprocess', 'decode.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    const { code, lines } = await parity('--dir', folder, '--family', 'preprocess');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 1 failed, 0 skipped$/);
    expect(lines.find((line) => line.startsWith('failed'))).toMatch(/1 of \d+ differ, by up to 1; first at \[/);
  });

  it('counts a case that cannot be run as failed', async () => {
    await rm(join(folder, 'preprocess', 'decode.safetensors'));
    const { code, lines } = await parity('--dir', folder, '--family', 'preprocess');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });

  it('lists without running', async () => {
    const { code, lines } = await parity('--dir', folder, '--list');
    expect(code).toBe(0);
    expect(lines).toEqual(['later  telepathy  (not built yet)', 'preprocess  preprocess']);
  });

  it('tells how close every output of a model comes, in the precision asked for', async () => {
    const place = join(folder, 'models');
    await cp(join(fixtures, 'vit_rectangle'), join(place, 'vit_rectangle'), { recursive: true });
    for (const precision of ['fp32', 'int8']) {
      const { code, lines } = await parity('--dir', place, '--precision', precision);
      expect(lines[0]).toMatch(/^vit_rectangle \(ViTForImageClassification\) +largest error +of tolerance +cosine$/);
      expect(lines).toContainEqual(expect.stringMatching(/^ {2}logits +\d\.\de[+-]\d+ +[\d.]+ % +[01]\.\d{6}$/));
      expect(lines.at(-1)).toBe('4 passed, 0 failed, 0 skipped');
      expect(code).toBe(0);
    }
    expect(await parity('--dir', place, '--precision', 'fp8')).toMatchObject({ code: 2 });
  });

  it('fails where an output differs, and where a name means nothing', async () => {
    const place = join(folder, 'wrong', 'vit_rectangle');
    await cp(join(fixtures, 'vit_rectangle'), place, { recursive: true });
    const path = join(place, 'outputs.safetensors');
    const bytes = await readFile(path);
    // The last byte of the data belongs to the sign of the last number.
    bytes[bytes.length - 1]! ^= 0x80;
    const text = bytes.toString('latin1').replace('"hidden_states.1"', '"hidden_state_x1"');
    await writeFile(path, text, 'latin1');
    const { code, lines } = await parity('--dir', place);
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^failed {2}\S+ logits: 1 of 2 differ, by up to /));
    expect(lines).toContain(
      'failed  vit_rectangle hidden_state_x1: the runner of family "vit" (ViTForImageClassification) knows no output of this name',
    );
    expect(lines.at(-1)).toBe('2 passed, 2 failed, 0 skipped');
  });

  it('complains when there is nothing to compare', async () => {
    expect(await parity('--dir', folder, '--family', 'astrology')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('astrology'),
    });
    expect(await parity('--dir', join(folder, 'nowhere'))).toMatchObject({ code: 2 });
    expect(await parity()).toMatchObject({ code: 2, errors: expect.stringContaining('--dir FOLDER') });
  });
});
