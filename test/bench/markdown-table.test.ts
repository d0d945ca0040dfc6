import { expect, it } from 'vitest';
import { markdownTables } from '../../bench/harness/markdown-table.ts';

it('makes a table of pairings and a list of figures for each bench', () => {
  const pairing = {
    bench: 'gemm',
    case: 'S = 197',
    ours: 'weft fp32',
    ours_ms: 2,
    ours_best_ms: 1.5,
    peer: 'ONNX Runtime fp32',
    peer_ms: 3,
    peer_best_ms: 1.8,
    speedup: 1.5,
    best_speedup: 1.2,
    machine: {},
  };
  const lines = [
    { ...pairing, floor_share: 0.756, best_floor_share: 0.81 },
    { ...pairing, case: 'S = 1' },
    { bench: 'gemm', peer: 'PyTorch', left_out: true, reason: 'no torch' },
    { bench: 'engine', case: 'memory', growth_mb: 0.1, goal: 'flat', machine: {} },
  ];
  const text = ['a warning', ...lines.map((line) => JSON.stringify(line)), ''].join('\n');
  expect(markdownTables(text).split('\n')).toEqual([
    '### gemm',
    '',
    '| case | ours, ms | peer | peer, ms | speedup | of the floor |',
    '| --- | --- | --- | --- | --- | --- |',
    '| S = 197 | 2 (1.5) | ONNX Runtime fp32 | 3 (1.8) | 1.5 x (1.2 x) | 76 % (81 %) |',
    '| S = 1 | 2 (1.5) | ONNX Runtime fp32 | 3 (1.8) | 1.5 x (1.2 x) |  |',
    '',
    '- PyTorch was left out: no torch.',
    '',
    '### engine',
    '',
    '- memory: growth mb 0.1, goal flat.',
    '',
  ]);
});
