import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { makeTerminal } from '../../src/cli/terminal.ts';
import { EXIT, WeftError } from '../../src/errors.ts';
import { weft } from './captured-run.ts';

describe('weft', () => {
  it('prints its version and help, and loads no application for that', async () => {
    const version = await weft(['--version']);
    expect([version.code, version.asked]).toEqual([EXIT.ok, []]);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const argv of [['--help'], ['help'], ['run', '--help'], ['help', 'run'], ['models', 'pull', '--help']]) {
      const { code, out, err, asked } = await weft(argv);
      expect([code, err, asked]).toEqual([EXIT.ok, '', []]);
      expect(out).toMatch(/^Usage: weft/);
    }
  });

  it('without a command shows help as an error', async () => {
    for (const argv of [[], ['models']]) {
      const { code, out, err } = await weft(argv);
      expect([code, out]).toEqual([EXIT.usage, '']);
      expect(err).toContain('Usage: weft');
    }
  });

  it.each([
    [['rnu', 'a.json'], "unknown command 'rnu' (Did you mean run?)"],
    [['run', 'a.json', '--jsno'], "unknown option '--jsno' (Did you mean --json?)"],
    [['run'], "missing required argument 'graph'"],
    [['run', 'a.json', '--set'], 'argument missing'],
    [['run', 'a.json', 'b.json'], 'too many arguments'],
    [['validate'], "missing required argument 'graph'"],
    [['models', 'lst'], "unknown command 'lst' (Did you mean list?)"],
    [['models', 'pull'], "missing required argument 'repository'"],
    [['--verbose'], "unknown option '--verbose'"],
  ])('%j is a usage error with a hint', async (argv, message) => {
    const { code, out, err, asked } = await weft(argv);
    expect([code, out, asked]).toEqual([EXIT.usage, '', []]);
    expect(err).toContain('usage/bad-argument');
    expect(err).toContain(message);
  });

  it('tells an expected failure in words, a defect with its cause; both by exit code', async () => {
    const failing = (error: Error) => ({ models: { ...noModels, list: () => Promise.reject(error) } });
    const noModels = {
      list: async () => [],
      info: () => Promise.reject(),
      details: () => Promise.reject(),
      pull: () => Promise.reject(),
    };
    const expected = new WeftError('native/bad-isa', { available: 'scalar', received: 'sse9' });
    const first = await weft(['models', 'list'], { application: failing(expected) });
    expect(first.code).toBe(EXIT.environment);
    expect(first.err).toContain('→ Unset WEFT_ISA');
    expect(first.err).not.toContain('    at ');
    const second = await weft(['models', 'list'], { application: failing(new TypeError('x is not a function')) });
    expect(second.code).toBe(EXIT.internal);
    expect(second.err).toContain('TypeError: x is not a function');
    expect(second.err).toContain('main.test.ts');
  });

  it('closes the application whatever happens', async () => {
    let closed = 0;
    const close = async () => void closed++;
    await weft(['nodes'], { application: { close } });
    await weft(['nodes', 'none/such'], { application: { close } });
    await weft(['run', 'missing.json'], { application: { close } });
    expect(closed).toBe(3);
  });

  it('documents every command and option', () => {
    const program = buildProgram('1.2.3', makeTerminal(process.stdout, process.stderr, {}), () => {});
    const commands = program.commands.flatMap((command) => [command, ...command.commands]);
    expect(commands.length).toBeGreaterThan(7);
    for (const command of commands) {
      expect(command.description(), command.name()).toMatch(/\.$/);
      for (const option of command.options) expect(option.description.length, option.flags).toBeGreaterThan(10);
    }
  });
});
