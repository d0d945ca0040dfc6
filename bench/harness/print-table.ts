/** npx tsx bench/harness/print-table.ts FILE: what benches printed into FILE, as Markdown. */
import { readFile } from 'node:fs/promises';
import { markdownTables } from './markdown-table.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('Expected a file of JSON lines.');
  process.exitCode = 2;
} else {
  process.stdout.write(markdownTables(await readFile(path, 'utf8')));
}
