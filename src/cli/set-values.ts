/** `--set name=value`: values for a graph's declared inputs. Pure; their meaning is checked by the runtime. */
import { WeftError } from '../errors.ts';

/**
 * The value is everything after the first `=`, kept as text: the parameter's kind says how to read it.
 * A name given several times makes a list of texts.
 */
export function parseSetValues(arguments_: readonly string[]): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const argument of arguments_) {
    const at = argument.indexOf('=');
    if (at < 1) {
      throw new WeftError('usage/bad-argument', {
        expected: '--set NAME=VALUE',
        received: `--set ${argument}`,
        command: 'run',
      });
    }
    const name = argument.slice(0, at).trim();
    values.set(name, [...(values.get(name) ?? []), argument.slice(at + 1)]);
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? '') : list]));
}
