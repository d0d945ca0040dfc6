import { describe, expect, it } from 'vitest';
import { nameViolations } from './names.ts';
import { listFiles } from './source-tree.ts';

describe('names', () => {
  it('hold in the tree', () => {
    expect(nameViolations(listFiles(/^(src|editor|native|tools|bench|test)\/.*\.(ts|mjs|cpp|h|cu|py)$/))).toEqual([]);
  });

  it.each([
    'src/utils.ts',
    'src/graph/helpers/order.ts',
    'src/nodes/encode/clip-v2.ts',
    'src/graph/validateGraph.ts',
    'native/kernels/resize-rows.cpp',
    'native/core/Status.h',
    'src/misc/a.ts',
  ])('refuses %s', (path) => {
    expect(nameViolations([path])).not.toEqual([]);
  });

  it('accepts the house names', () => {
    expect(
      nameViolations([
        'src/graph/set-inputs.ts',
        'native/kernels/resize_rows_avx2.cpp',
        'test/a/b-c.test.ts',
        'vite.config.ts',
      ]),
    ).toEqual([]);
  });
});
