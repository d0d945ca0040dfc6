import { describe, expect, it } from 'vitest';
import { WeftError } from '../../../src/errors.ts';
import type { SystemReport } from '../../../src/protocol/system-report.ts';
import { exampleReport } from '../../server/fake-application.ts';
import { weft } from '../captured-run.ts';

function reporting(report: SystemReport) {
  return { application: { system: { memory: () => ({ resident: 0, native: null }), report: async () => report } } };
}

describe('weft doctor', () => {
  it('shows the machine, the addon, its speed and the caches', async () => {
    const { code, out, err } = await weft(['doctor'], { columns: 100 });
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out.split('\n').map((line) => line.trim().replace(/\s{2,}/g, '  '))).toEqual([
      'weft  1.2.3',
      'node  20.20.0 on linux 6.1.0, x64',
      'processor  Example 9000, 8 threads',
      'features  avx2 fma',
      'memory  32 GB, of which this process may use 16 GB',
      'WEFT_ISA  avx2',
      '',
      'native addon',
      'kernels  avx2, of avx2 scalar',
      'threads  8',
      'memory  1.0 GB of 12 GB; at most 2.0 GB, kept 500 MB',
      '',
      'speed, all threads',
      'fp32 peak  400 GFLOP/s  multiply-adds on registers alone',
      'fp32 product  300 GFLOP/s  ██████████████████  75 % of the peak',
      'int8 product  1200 GOP/s  4.0 x fp32',
      'reading  20.0 GB/s  from memory',
      '',
      'other engines',
      'onnx runtime  1.30.0',
      'cuda  not used: this build has no CUDA operators',
      '',
      'caches',
      'models  /caches/hub: 3.0 GB in 12 files',
      'weft  /caches/weft: not there yet',
      '',
    ]);
  });

  it('prints the report and nothing else as JSON', async () => {
    const { code, out, err } = await weft(['doctor', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(exampleReport);
  });

  it('says what could not be measured or counted', async () => {
    const native = exampleReport.native!;
    const speed = { ...native.speed, productsFp32: null, reading: null };
    const cache = { ...exampleReport.caches[0]!, files: 1, complete: false };
    const { out } = await weft(
      ['doctor'],
      reporting({ ...exampleReport, onnxRuntime: null, native: { ...native, speed }, caches: [cache] }),
    );
    expect(out).toMatch(/fp32 product +could not be measured/);
    expect(out).toMatch(/int8 product +1200 GOP\/s\n/);
    expect(out).toMatch(/onnx runtime +not installed/);
    expect(out).toContain('at least 3.0 GB in 1 file\n');
  });

  it('shows the rest when the addon does not load, and ends with its exit code', async () => {
    const problem = new WeftError('native/load-failed', {
      platform: 'linux-x64',
      reason: 'it is gone',
      hint: 'Build it.',
    });
    const report = { ...exampleReport, native: null, problems: [problem.toJSON()] };
    const drawn = await weft(['doctor'], reporting(report));
    expect(drawn.code).toBe(7);
    expect(drawn.out).toContain('Example 9000');
    expect(drawn.out).not.toContain('speed');
    expect(drawn.err).toContain('native/load-failed');
    expect(drawn.err).toContain('Build it.');
    const json = await weft(['doctor', '--json'], reporting(report));
    expect(json).toMatchObject({ code: 7, err: '' });
    expect(JSON.parse(json.out)).toEqual(report);
  });

  it('lets no file name steer the terminal', async () => {
    const cache = { ...exampleReport.caches[0]!, folder: '/caches/\u001b[2J' };
    const { rawOut } = await weft(
      ['doctor'],
      reporting({ ...exampleReport, caches: [cache], settings: { WEFT_ISA: '\u0007' } }),
    );
    for (const sequence of ['\u001b[2J', '\u0007']) expect(rawOut).not.toContain(sequence);
  });
});
