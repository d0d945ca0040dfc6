/** Which family of cases is run by what. A family without a runner is skipped, by name. */
import { runBridgeTower } from './models/bridgetower.ts';
import { runClipseg } from './models/clipseg.ts';
import { DUAL_ENCODER_FAMILIES } from './models/dual-encoder-families.ts';
import { runGroupvit } from './models/groupvit.ts';
import { runLxmert } from './models/lxmert.ts';
import { runMagic } from './models/magic.ts';
import { owlRunner } from './models/owl.ts';
import { runBeit, runDeit, runDinov2, runVit } from './models/picture-encoders.ts';
import { RESEARCH_FAMILIES } from './models/research.ts';
import { runDinov2Classifier, runDistilledDeit } from './models/row-readers.ts';
import { runSwin } from './models/swin.ts';
import { runBert, runDistilbert, runRoberta } from './models/text-encoders.ts';
import { runVilbert } from './models/vilbert.ts';
import { runVilt } from './models/vilt.ts';
import { runVisualBert } from './models/visual-bert.ts';
import { WRITING_FAMILIES } from './models/writing.ts';
import { runXclip } from './models/xclip.ts';
import type { FamilyRunner } from './outcome.ts';
import { runPreprocess } from './preprocess/run.ts';

export const FAMILIES: ReadonlyMap<string, FamilyRunner> = new Map([
  ['preprocess', runPreprocess],
  ...RESEARCH_FAMILIES,
  ...WRITING_FAMILIES,
  ...DUAL_ENCODER_FAMILIES,
  ['vit', runVit],
  ['vit_model', runVit],
  ['deit', runDeit],
  ['bert', runBert],
  ['bert_seqcls', runBert],
  ['bert_mlm', runBert],
  ['roberta', runRoberta],
  ['roberta_seqcls', runRoberta],
  ['roberta_mlm', runRoberta],
  ['distilbert', runDistilbert],
  ['distilbert_seqcls', runDistilbert],
  ['distilbert_mlm', runDistilbert],
  ['beit', runBeit],
  ['beit_model', runBeit],
  ['swin', runSwin],
  ['swin_model', runSwin],
  ['dinov2', runDinov2],
  ['deit_distilled', runDistilledDeit],
  ['dinov2_seqcls', runDinov2Classifier],
  ['vilbert', runVilbert],
  ['clipseg', runClipseg],
  ['groupvit', runGroupvit],
  ['owlvit', owlRunner('owlvit')],
  ['owlv2', owlRunner('owlv2')],
  ['xclip', runXclip],
  ['bridgetower', runBridgeTower],
  ['lxmert', runLxmert],
  ['magic', runMagic],
  ['vilt', runVilt],
  ['visual_bert', runVisualBert],
]);
