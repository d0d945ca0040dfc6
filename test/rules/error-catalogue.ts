/** The error rule: every code is used, documented, and no plain Error leaves the code. Pure. */
import type { SourceFile } from './source-tree.ts';

export function unusedCodes(codes: readonly string[], files: readonly SourceFile[]): string[] {
  return codes.filter(
    (code) => !files.some((file) => file.text.includes(`'${code}'`) || file.text.includes(`"${code}"`)),
  );
}

/** Codes in the documentation and in the catalogue, compared both ways. */
export function documentationViolations(codes: readonly string[], documentation: string): string[] {
  const documented = new Set([...documentation.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? ''));
  return [
    ...codes.filter((code) => !documented.has(code)).map((code) => `${code} is not in docs/errors.md`),
    ...[...documented]
      .filter((code) => !codes.includes(code))
      .map((code) => `docs/errors.md has ${code}, which does not exist`),
  ];
}

/** Plain errors that would reach a person as `internal`. */
export function plainThrows(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    [...file.text.matchAll(/throw new (Error|TypeError|RangeError)\(/g)].map(
      (match) => `${file.path} throws a plain ${match[1]}: use the catalogue`,
    ),
  );
}
