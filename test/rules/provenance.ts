/** The provenance rule: no machine's paths, no unexplained rule suppressions, no focused or silently skipped tests. Pure. */
import type { SourceFile } from './source-tree.ts';

const FORBIDDEN: readonly [RegExp, string][] = [
  [/\/work\/|\/tmp\/venv|\/root\//, 'a path of one machine'],
  [/\b(it|test|describe)\.only\(/, 'a focused test'],
  [/\b(it|test|describe)\.(skip|todo)\(/, 'a test that is skipped without a printed reason'],
  [/@ts-(ignore|nocheck)/, 'a type check switched off'],
  [/biome-ignore [^:\n]+:\s*(<explanation>|$)/m, 'a lint rule switched off without a reason'],
  [/(?<![.\w])eval\(|new Function\(/, 'evaluated code'],
];

export function provenanceViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    FORBIDDEN.filter(([pattern]) => pattern.test(file.text)).map(([, what]) => `${file.path} has ${what}`),
  );
}
