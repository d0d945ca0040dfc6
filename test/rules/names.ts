/** The naming rule: full words, kebab-case TypeScript, snake_case C++, no drawers. Pure. */

const DRAWERS = /(^|[-_./])(utils?|helpers?|misc|common|stuff|tmp|temp|v\d+)([-_./]|$)/;

export function nameViolations(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const file = path.split('/').at(-1) ?? '';
    const found: string[] = [];
    if (DRAWERS.test(path)) found.push(`${path}: a name that could hold anything`);
    if (/\.(ts|mjs)$/.test(file) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))*\.(ts|mjs)$/.test(file)) {
      found.push(`${path}: TypeScript files are kebab-case`);
    }
    if (/\.(cpp|h|cu)$/.test(file) && !/^[a-z0-9]+(_[a-z0-9]+)*\.(cpp|h|cu)$/.test(file)) {
      found.push(`${path}: C++ files are snake_case`);
    }
    return found;
  });
}
