/** Reads the symbols of compiled objects with nm, and tells which break the rules of native/README.md. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Ends the process or writes to its streams: never below addon/. */
const FORBIDDEN =
  /^(abort|_?_?exit|_Exit|quick_exit|__assert_fail|f?printf|v?f?printf|__(v?f?)printf_chk|puts|putchar|f?puts|perror|write|std::cout|std::cerr|hwy::Abort.*|.*hwy.*Abort.*)$/;

/** Undefined symbols of `nm -u -C` output that the rule forbids. */
export function forbiddenSymbols(nmOutput: string): string[] {
  return symbolsOf(nmOutput).filter((symbol) => FORBIDDEN.test(symbol.replace(/\(.*$/, '').replace(/@.*$/, '')));
}

/**
 * Weak symbols in `nm -C` output of one instruction set's object: the linker keeps one copy for the whole addon, and
 * it may keep this one.
 */
export function sharedSymbols(nmOutput: string): string[] {
  return nmOutput
    .split('\n')
    .map((line) => /^[0-9a-f]+ [WVu] (.*)$/.exec(line)?.[1])
    .filter((symbol): symbol is string => symbol !== undefined);
}

function symbolsOf(nmOutput: string): string[] {
  return nmOutput
    .split('\n')
    .map((line) => /^\s+U (.*)$/.exec(line)?.[1])
    .filter((symbol): symbol is string => symbol !== undefined);
}

export function nm(flags: readonly string[], object: string): string {
  return execFileSync('nm', [...flags, '-C', object], { encoding: 'utf8' });
}

/** nm's output for each of many objects: one process for all. */
export function nmOfEach(flags: readonly string[], objects: readonly string[]): Map<string, string> {
  const output = execFileSync('nm', [...flags, '-A', '-C', ...objects], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const lines = new Map<string, string[]>(objects.map((object) => [object, []]));
  for (const line of output.split('\n')) {
    const [, object = '', rest = ''] = /^(.*?\.(?:o|obj)):(.*)$/.exec(line) ?? [];
    lines.get(object)?.push(rest);
  }
  return new Map([...lines].map(([object, own]) => [object, own.join('\n')]));
}

/** Every object file below `folder`. */
export function objectFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return objectFiles(path);
    return /\.(o|obj)$/.test(name) ? [path] : [];
  });
}
