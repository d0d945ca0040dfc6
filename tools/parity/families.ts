/** Which family of cases is run by what. A family without a runner is skipped, by name. */
import { bertRunner } from './models/bert.ts';
import { runClip } from './models/clip.ts';
import { runGpt2 } from './models/gpt2.ts';
import { vitRunner } from './models/vit.ts';
import type { FamilyRunner } from './outcome.ts';
import { runPreprocess } from './preprocess/run.ts';

export const FAMILIES: ReadonlyMap<string, FamilyRunner> = new Map([
  ['preprocess', runPreprocess],
  ['clip', runClip],
  ['vit', vitRunner('vit')],
  ['vit_model', vitRunner('vit')],
  ['deit', vitRunner('deit')],
  ['bert', bertRunner('bert')],
  ['bert_seqcls', bertRunner('bert')],
  ['roberta', bertRunner('roberta')],
  ['roberta_seqcls', bertRunner('roberta')],
  ['gpt2', runGpt2],
]);
