/** The real report of this machine, and of one whose addon is missing. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSystem } from '../../src/system/system.ts';
import { runCode } from '../native/child.ts';

const folder = join(tmpdir(), 'no-such-folder');

describe('the system', () => {
  it('is described and measured', async () => {
    const environment = { WEFT_ISA: 'scalar', HOME: '/somewhere' };
    const system = createSystem({ version: '1.2.3', hubFolder: folder, cacheFolder: folder, environment });
    const report = await system.report();
    expect(report).toMatchObject({ weft: '1.2.3', node: process.versions.node, problems: [] });
    expect(report.onnxRuntime).toMatch(/^\d+\.\d+/);
    expect(report.settings).toEqual({ WEFT_ISA: 'scalar' });
    expect(report.caches.map(({ name, exists }) => ({ name, exists }))).toEqual([
      { name: 'models', exists: false },
      { name: 'weft', exists: false },
    ]);
    const native = report.native!;
    expect(native.available).toContain(native.isa);
    for (const figure of Object.values(native.speed)) expect(figure).toBeGreaterThan(0);
    // What was measured with is given back.
    expect(system.memory().native!.used).toBeLessThan(64e6);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('is described without the addon, and says why it is missing', async () => {
    const options = JSON.stringify({ version: '1', hubFolder: folder, cacheFolder: folder });
    const { stdout } = await runCode(
      `import { createSystem } from './src/system/system.ts';
       const system = createSystem(${options});
       console.log(JSON.stringify({ report: await system.report(), memory: system.memory() }));`,
      { WEFT_ADDON: '/nowhere/weft.node' },
    );
    const { report, memory } = JSON.parse(stdout);
    expect(report).toMatchObject({ native: null, cuda: { present: false } });
    expect(report.problems).toMatchObject([{ code: 'native/load-failed' }]);
    expect(memory).toMatchObject({ native: null });
    expect(memory.resident).toBeGreaterThan(0);
  });
});
