/**
 * Every family, one import and one line each, by its name. Nothing else may list families: nodes, documentation and
 * the command line read this list.
 */
import { WeftError } from '../../errors.ts';
import { alignFamily } from './align.ts';
import { beitFamily } from './beit.ts';
import { bertFamily, robertaFamily } from './bert.ts';
import { blipFamily } from './blip.ts';
import { blip2Family } from './blip2.ts';
import { bridgeTowerFamily } from './bridgetower.ts';
import { chineseClipFamily } from './chinese-clip.ts';
import { clipFamily } from './clip.ts';
import { clipsegFamily } from './clipseg.ts';
import { dinov2Family } from './dinov2.ts';
import { distilbertFamily } from './distilbert.ts';
import type { FamilyDefinition } from './family.ts';
import { flavaFamily } from './flava.ts';
import { gitFamily } from './git.ts';
import { gpt2Family } from './gpt2.ts';
import { groupvitFamily } from './groupvit.ts';
import { ideficsFamily } from './idefics.ts';
import { llamaFamily } from './llama.ts';
import { llavaFamily } from './llava.ts';
import { lxmertFamily } from './lxmert.ts';
import { optFamily } from './opt.ts';
import { owlv2Family, owlvitFamily } from './owl.ts';
import { siglipFamily } from './siglip.ts';
import { swinFamily } from './swin.ts';
import type { TaskName } from './task.ts';
import { viltFamily } from './vilt.ts';
import { visionEncoderDecoderFamily } from './vision-encoder-decoder.ts';
import { visionTextDualEncoderFamily } from './vision-text-dual-encoder.ts';
import { visualBertFamily } from './visual-bert.ts';
import { deitFamily, vitFamily } from './vit.ts';
import { xclipFamily } from './xclip.ts';

export const FAMILIES: readonly FamilyDefinition[] = [
  alignFamily,
  beitFamily,
  bertFamily,
  blip2Family,
  blipFamily,
  bridgeTowerFamily,
  chineseClipFamily,
  clipFamily,
  clipsegFamily,
  deitFamily,
  dinov2Family,
  distilbertFamily,
  flavaFamily,
  gitFamily,
  gpt2Family,
  groupvitFamily,
  ideficsFamily,
  llamaFamily,
  llavaFamily,
  lxmertFamily,
  optFamily,
  owlv2Family,
  owlvitFamily,
  robertaFamily,
  siglipFamily,
  swinFamily,
  viltFamily,
  visionEncoderDecoderFamily,
  visionTextDualEncoderFamily,
  visualBertFamily,
  vitFamily,
  xclipFamily,
];

/** The family that reads a `model_type`. Throws `model/unsupported`, which names those there are. */
export function familyOf(
  modelType: string,
  model: string,
  families: readonly FamilyDefinition[] = FAMILIES,
): FamilyDefinition {
  const found = families.find(({ modelTypes }) => modelTypes.includes(modelType));
  if (found !== undefined) return found;
  const names = families.flatMap(({ modelTypes }) => modelTypes).sort();
  throw new WeftError('model/unsupported', {
    model,
    expected: `a "model_type" of a family that is read (${names.join(', ')})`,
    received: `"${modelType}"`,
  });
}

/** What config.json's `model_type` may be for a family that is a causal language model. Sorted. */
export function languageModelTypes(families: readonly FamilyDefinition[] = FAMILIES): readonly string[] {
  return families
    .filter(({ language }) => language !== undefined)
    .flatMap(({ modelTypes }) => modelTypes)
    .sort();
}

/** What config.json's `model_type` may be for a task: which models a node that does it takes. Sorted. */
export function modelTypesFor(task: TaskName, families: readonly FamilyDefinition[] = FAMILIES): readonly string[] {
  const doing = families.filter(({ architectures }) =>
    Object.values(architectures).some((list) => list.includes(task)),
  );
  return doing.flatMap(({ modelTypes }) => modelTypes).sort();
}
