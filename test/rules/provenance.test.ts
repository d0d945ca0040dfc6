import { describe, expect, it } from 'vitest';
import { provenanceViolations } from './provenance.ts';
import { readSources } from './source-tree.ts';

const everything = /\.(ts|mjs|js|cpp|h|cu|py|md|json|txt|sh)$|^\.ci\//;
/** These name the forbidden things in order to forbid or remove them. */
const rules = /^test\/rules\/provenance|^editor\/litegraph-module\.ts$/;

describe('provenance', () => {
  it('holds in the tree', () => {
    const files = readSources(everything).filter((file) => !rules.test(file.path) && file.path !== 'package-lock.json');
    expect(provenanceViolations(files)).toEqual([]);
  });

  it.each([
    `const folder = '/work/main';`,
    `it.only('x', () => {});`,
    `describe.skip('x', () => {});`,
    `// @ts-ignore\n`,
    `// biome-ignore lint/a/b: <explanation>\n`,
    `eval('1')`,
  ])('refuses %s', (text) => {
    expect(provenanceViolations([{ path: 'src/x.ts', text }])).toHaveLength(1);
  });
});
