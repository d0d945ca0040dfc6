/** What the hashing thread is asked and answers. Types only. */

export interface HashJob {
  readonly path: string;
  /** `git-sha1` is git's blob id: SHA-1 over a header with the size, then the content. */
  readonly algorithm: 'sha256' | 'git-sha1';
  /** The hash, where it is known already: then it is not computed. */
  readonly known?: string | undefined;
  /** Also report the files an ONNX model keeps its weights in, as real paths. */
  readonly findExternal?: boolean;
}

export type HashAnswer =
  | { readonly hash: string; readonly external: readonly string[] }
  /** The system's error code: ENOENT, EACCES, … */
  | { readonly failure: string };
