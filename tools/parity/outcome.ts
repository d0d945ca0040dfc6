/** What a runner says about one comparison. Data only. */

export interface Outcome {
  /** Case and sub-case: what a person needs to find it. */
  readonly id: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Of a failure: the largest difference and where; of a skip: the reason. */
  readonly note?: string;
}

export interface CaseFolder {
  /** Folder name below the directory that was given. */
  readonly name: string;
  readonly folder: string;
  readonly family: string;
  /** case.json, parsed. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Compares everything in one case folder, in the order of its case.json. */
export type FamilyRunner = (folder: CaseFolder) => AsyncIterable<Outcome>;
