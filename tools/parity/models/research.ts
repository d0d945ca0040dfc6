/** Runners of the families that have no class in transformers: their references are papers' equations. */
import type { FamilyRunner } from '../outcome.ts';
import { runPrefixLm } from './prefix-lm.ts';
import { runSimvlm } from './simvlm.ts';
import { runVilbert } from './vilbert.ts';

export const RESEARCH_FAMILIES: readonly (readonly [string, FamilyRunner])[] = [
  ['prefix-lm', runPrefixLm],
  ['simvlm', runSimvlm],
  ['vilbert', runVilbert],
];
