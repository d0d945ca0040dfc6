import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from './files/temporary-folder.ts';
import { repositoryRoot } from './rules/source-tree.ts';

/** The code blocks of the README that hold a text. */
function blocksWith(text: string): string[] {
  const readme = readFileSync(join(repositoryRoot, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
  return blocks.filter((block) => block.includes(text));
}

it('shows a use of load that works as it stands', async () => {
  const [example, ...others] = blocksWith('await load(');
  expect(others).toEqual([]);
  // From its own sources instead of an installed package.
  const index = pathToFileURL(join(repositoryRoot, 'src/index.ts')).href;
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'example.mts'), example!.replace("'weft'", JSON.stringify(index)));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join(folder, 'example.mts')], {
    cwd: repositoryRoot,
    env: { ...process.env, WEFT_CACHE: join(folder, 'cache'), NO_COLOR: '1' },
  });
  expect(stdout).toMatch(/^\{ label: 'a red ring', score: 0\.\d+ \}\n$/);
});
