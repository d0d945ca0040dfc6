/**
 * What a model reference says: a model of the zoo, a repository of the hub, or a path. Pure: looks at no file.
 */

export type Reference =
  | { readonly kind: 'zoo'; readonly name: string }
  /** `revision` is a branch, a tag or a commit; `main` when the reference names none. */
  | { readonly kind: 'hub'; readonly repo: string; readonly revision: string }
  | { readonly kind: 'path'; readonly path: string };

const NAME = '[A-Za-z0-9][\\w.-]{0,95}';
const ZOO = new RegExp(`^zoo/(${NAME})$`);
const HUB = new RegExp(`^(${NAME}(?:/${NAME})?)(?:@([\\w./-]{1,200}))?$`);

/**
 * `owner/name` may also be a relative folder: the caller looks in the hub's cache first, then for the folder.
 * A single name with a dot (`model.onnx`) and anything starting with `.`, `/`, `~` or a drive is a path only.
 */
export function parseReference(ref: string): Reference {
  const zoo = ZOO.exec(ref);
  if (zoo !== null) return { kind: 'zoo', name: zoo[1]! };
  const hub = /\.onnx$/i.test(ref) ? null : HUB.exec(ref);
  const revision = hub?.[2] ?? 'main';
  if (hub === null || !isRepository(hub[1]!) || !isRevision(revision)) return { kind: 'path', path: ref };
  return { kind: 'hub', repo: hub[1]!, revision };
}

/** The hub's own rule for names: no `--` and no `..` inside, and no `.` or `-` at the end. */
export function isRepository(repo: string): boolean {
  return new RegExp(`^${NAME}(?:/${NAME})?$`).test(repo) && !/--|\.\.|[.-](?:\/|$)|\.git$/.test(repo);
}

/** A revision becomes a path in the cache: every part of it is a plain name. */
export function isRevision(revision: string): boolean {
  return revision.length <= 200 && revision.split('/').every((part) => /^[\w-][\w.-]*$/.test(part));
}
