/** Every compiled variant of the kernels against the oracle and against Pillow's own results, to the bit. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capabilities } from '../../src/native/capabilities.ts';
import { ROOT, runChild, runCode } from './child.ts';

const VARIANTS = ['scalar', 'avx2', 'avx512', 'avx512vnni', 'neon'];
const FIXTURE = join(ROOT, 'test', 'fixtures', 'preprocess');
const PARITY = join(ROOT, '..', 'shared', 'parity', 'preprocess');
const folders = [FIXTURE, ...(existsSync(PARITY) ? [PARITY] : [])];
if (folders.length === 1) console.log(`skipped: Pillow's 231 resizes of ${PARITY}: the folder is not here`);

const READ_ISA = "import { capabilities } from './src/native/capabilities.ts'; console.log(capabilities().isa);";

describe('kernel variants', () => {
  const { available } = capabilities();

  for (const isa of VARIANTS) {
    const runsHere = available.includes(isa);
    if (!runsHere) console.log(`skipped: kernels for ${isa}: this processor or build lacks them`);

    it.runIf(runsHere)(`${isa} equals the oracle and Pillow`, { timeout: 120_000 }, async () => {
      const { code, stdout, stderr } = await runChild(['test/native/variant-probe.ts', ...folders], { WEFT_ISA: isa });
      expect(code, stderr).toBe(0);
      const report = JSON.parse(stdout) as { isa: string; counts: Record<string, number>; failures: string[] };
      expect(report.isa).toBe(isa);
      expect(report.failures).toEqual([]);
      expect(report.counts).toMatchObject({
        'drawn resize': 462,
        'drawn plan': 120,
        [`resize of ${FIXTURE}`]: 186,
        [`plan of ${FIXTURE}`]: 12,
        ...(folders.length > 1 ? { [`resize of ${PARITY}`]: 231 } : {}),
      });
    });

    it.runIf(!runsHere)(`${isa} is refused by name`, async () => {
      const { code, stderr } = await runCode(READ_ISA, { WEFT_ISA: isa });
      expect(code).not.toBe(0);
      expect(stderr).toContain('native/bad-isa');
    });
  }

  it('takes the best one when nothing is forced', async () => {
    const { stdout } = await runCode(READ_ISA);
    expect(stdout.trim()).toBe(available[0]);
  });

  it('refuses an unknown name', async () => {
    const { code, stderr } = await runCode(READ_ISA, { WEFT_ISA: 'mmx' });
    expect(code).not.toBe(0);
    expect(stderr).toContain('native/bad-isa');
    expect(stderr).toContain('received "mmx"');
  });
});
