/** Which family of cases is run by what. A family without a runner is skipped, by name. */
import type { FamilyRunner } from './outcome.ts';
import { runPreprocess } from './preprocess/run.ts';

export const FAMILIES: ReadonlyMap<string, FamilyRunner> = new Map([['preprocess', runPreprocess]]);
