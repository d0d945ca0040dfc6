import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from './source-tree.ts';

const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

function missingNotices(packages: readonly string[], notices: string): string[] {
  return packages.filter((name) => !notices.includes(`| ${name} |`));
}

describe('third-party notices', () => {
  it('name every package that is installed with Weft', () => {
    const notices = readFileSync(join(repositoryRoot, 'THIRD_PARTY_NOTICES.md'), 'utf8');
    expect(missingNotices(Object.keys(manifest.dependencies), notices)).toEqual([]);
  });

  it('is red when one is missing', () => {
    expect(missingNotices(['left-out'], '| other | MIT |')).toEqual(['left-out']);
  });
});
