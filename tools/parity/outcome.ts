/** What a runner says about one comparison. Data only. */
import type { Precision } from '../../src/native/stack-spec.ts';

export interface Outcome {
  /** Case and sub-case: what a person needs to find it. */
  readonly id: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Of a failure: the largest difference and where; of a skip: the reason. */
  readonly note?: string;
  /** How close an output came; of comparisons whose distance tells something. */
  readonly closeness?: Closeness;
}

export interface Closeness {
  /** Largest absolute difference, and the largest share of what the tolerance allows. */
  readonly largest: number;
  readonly share: number;
  readonly cosine: number;
}

export interface CaseFolder {
  /** Folder name below the directory that was given. */
  readonly name: string;
  readonly folder: string;
  readonly family: string;
  /** case.json, parsed. */
  readonly content: Readonly<Record<string, unknown>>;
}

export interface RunnerOptions {
  /** In which precision models are run; reference outputs are always float32. */
  readonly precision: Precision;
}

/** Compares everything in one case folder, in the order of its case.json. */
export type FamilyRunner = (folder: CaseFolder, options: RunnerOptions) => AsyncIterable<Outcome>;
