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

/** Where a plain error is right, because only a defect of ours can raise it. Path -> reason. */
export const PLAIN_ALLOWED: Readonly<Record<string, string>> = {
  'editor/litegraph-module.ts': 'runs while the editor is built, never at a person',
  'editor/src/page.ts': 'index.html and the code disagree',
  'src/models/onnx/worker.ts': 'the module was imported instead of started as a thread',
};

/** Plain errors that would reach a person as `internal`. */
export function plainThrows(files: readonly SourceFile[]): string[] {
  const checked = files.filter((file) => PLAIN_ALLOWED[file.path] === undefined);
  return checked.flatMap((file) =>
    [...file.text.matchAll(/throw new (Error|TypeError|RangeError)\(/g)].map(
      (match) => `${file.path} throws a plain ${match[1]}: use the catalogue`,
    ),
  );
}
