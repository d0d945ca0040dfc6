/** What a person reads when the addon is missing, foreign or told something it cannot do. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, runCode } from './child.ts';

/** A package folder that holds our loader, but whatever addon a test puts there. */
const folder = mkdtempSync(join(tmpdir(), 'weft-loader-'));
writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'weft', type: 'module' }));
cpSync(join(ROOT, 'src', 'native'), join(folder, 'src', 'native'), { recursive: true });
cpSync(join(ROOT, 'src', 'errors.ts'), join(folder, 'src', 'errors.ts'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function loadError(base: string, environment: NodeJS.ProcessEnv = {}): Promise<Record<string, unknown>> {
  const code = `
    import { capabilities } from ${JSON.stringify(join(base, 'src', 'native', 'capabilities.ts'))};
    try { console.log(JSON.stringify(capabilities())); } catch (error) { console.log(JSON.stringify(error)); }`;
  const { stdout, stderr } = await runCode(code, environment);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('loading', () => {
  it('says where it looked and how to compile when there is no addon', async () => {
    const error = await loadError(folder);
    expect(error.code).toBe('native/load-failed');
    expect(error.message).toContain(join('build', 'Release', 'weft.node'));
    expect(error.message).toContain(join('prebuilds', `${process.platform}-${process.arch}`, 'weft.node'));
    expect(error.remedy).toContain('npm rebuild weft');
  });

  it('names a copied node_modules when the file is for another platform', async () => {
    mkdirSync(join(folder, 'build', 'Release'), { recursive: true });
    writeFileSync(join(folder, 'build', 'Release', 'weft.node'), 'MZ, not a library of this system');
    const error = await loadError(folder);
    expect(error.code).toBe('native/load-failed');
    expect(error.remedy).toMatch(/Compile it on this machine/);
  });

  it('takes a prebuilt addon when the compiled one does not load', async () => {
    const prebuilds = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
    mkdirSync(prebuilds, { recursive: true });
    cpSync(join(ROOT, 'build', 'Release', 'weft.node'), join(prebuilds, 'weft.node'));
    expect((await loadError(folder)).available).toContain('scalar');
  });

  it('obeys WEFT_THREADS and refuses what is no number of threads', async () => {
    expect((await loadError(ROOT, { WEFT_THREADS: '3' })).threads).toBe(3);
    for (const threads of ['0', '1.5', '257']) {
      const error = await loadError(ROOT, { WEFT_THREADS: threads });
      expect(error.code, threads).toBe('native/bad-threads');
      expect(error.message).toContain(`received "${threads}"`);
    }
  });
});
