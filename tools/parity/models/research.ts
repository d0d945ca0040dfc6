/** Runners of the families that have no class in transformers: their references are papers' equations. */
import type { FamilyRunner } from '../outcome.ts';
import { runAsif } from './asif.ts';
import { runFiber } from './fiber.ts';
import { runFlamingo } from './flamingo.ts';
import { runPrefixLm } from './prefix-lm.ts';
import { runSimvlm } from './simvlm.ts';
import { runVcGpt } from './vc-gpt.ts';
import { runVilbert } from './vilbert.ts';
import { runVirtex } from './virtex.ts';
import { runVisualgpt } from './visualgpt.ts';

export const RESEARCH_FAMILIES: readonly (readonly [string, FamilyRunner])[] = [
  ['asif', runAsif],
  ['fiber', runFiber],
  ['flamingo', runFlamingo],
  ['prefix-lm', runPrefixLm],
  ['simvlm', runSimvlm],
  ['vc-gpt', runVcGpt],
  ['vilbert', runVilbert],
  ['virtex', runVirtex],
  ['visualgpt', runVisualgpt],
];
