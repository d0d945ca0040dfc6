import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { makeTerminal } from '../../src/cli/terminal.ts';
import { EXIT } from '../../src/errors.ts';
import { repositoryRoot } from '../rules/source-tree.ts';

const text = readFileSync(join(repositoryRoot, 'docs/cli.md'), 'utf8');

function exitCodes(documentation: string): Record<string, number> {
  const rows = [...documentation.matchAll(/^\| (\d+) \| (\w+) \| \S/gm)];
  return Object.fromEntries(rows.map(([, code, name]) => [name, Number(code)]));
}

describe('docs/cli.md', () => {
  it('has the exit codes of the catalogue, no more and no fewer', () => {
    expect(exitCodes(text)).toEqual(EXIT);
    expect(exitCodes('| 9 | ok | done |')).not.toEqual(EXIT);
  });

  it('has every command and every option', () => {
    const program = buildProgram('1.2.3', makeTerminal(process.stdout, process.stderr, {}), () => {});
    for (const command of program.commands) {
      expect(text).toContain(`weft ${command.name()}`);
      for (const part of command.commands) expect(text).toContain(`weft ${command.name()} ${part.name()}`);
      for (const option of [command, ...command.commands].flatMap(({ options }) => options)) {
        expect(text, `${command.name()} ${option.flags}`).toMatch(new RegExp(`\`(-\\w, )?${option.long}\\b`));
      }
    }
  });
});
