/** SigLIP as a family with tasks, and what its tokenizers do to a text first. */
import type { Tokenizer } from '../../text/tokenizer.ts';
import { towerConfig } from '../families/clip.ts';
import { siglip, siglipTextPositions } from '../families/siglip.ts';
import { DUAL_ENCODER_TASKS, loadDualEncoder, PHOTO_TEMPLATE, type TextForm } from './dual-encoder.ts';
import type { FamilyDefinition, TaskSources } from './family.ts';
import { loadOnnxDualEncoder } from './onnx-dual-encoder.ts';

/** Those that Python's string.punctuation names. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/**
 * SigLIP was trained on lower-case texts: they are lower-cased unless the tokenizer's settings say otherwise. Its own
 * tokenizer also leaves out punctuation and joins spaces, that of SigLIP 2 does not.
 */
export function siglipText({ className, lowerCases = true }: Pick<Tokenizer, 'className' | 'lowerCases'>) {
  const isOwn = /^SiglipTokenizer(?:Fast)?$/.test(className ?? '');
  return (text: string): string => {
    const lower = lowerCases ? text.toLowerCase() : text;
    return isOwn ? lower.replace(PUNCTUATION, '').replace(/\s+/g, ' ').trim() : lower;
  };
}

export const siglipFamily: FamilyDefinition = {
  name: 'siglip',
  title: 'SigLIP',
  paper: { title: 'Sigmoid Loss for Language Image Pre-Training (2023)', url: 'https://arxiv.org/abs/2303.15343' },
  modelTypes: ['siglip'],
  architectures: { SiglipModel: DUAL_ENCODER_TASKS },
  checkpoints: [
    'google/siglip-base-patch16-224',
    'google/siglip-so400m-patch14-384',
    'google/siglip2-base-patch16-224',
  ],
  graph: 'siglip-zero-shot',
  async load(sources) {
    const stacks = await siglip(sources.checkpoint);
    return loadDualEncoder(sources, stacks, await formOf(sources));
  },
  onnx: {
    architectures: { SiglipModel: DUAL_ENCODER_TASKS },
    async load(sources) {
      const positions = siglipTextPositions(towerConfig(sources.checkpoint.config, 'text'));
      const outputs = { picture: 'pooler_output', text: 'pooler_output' };
      return loadOnnxDualEncoder(sources, { form: await formOf(sources), judgement: 'sigmoid', outputs, positions });
    },
  },
};

/** Texts are read at the last position, which is padding where they are short: the tower was trained to see it. */
async function formOf({ tokenizer }: TaskSources): Promise<TextForm> {
  const prepare = siglipText(await tokenizer());
  return { fill: 'positions', masked: false, prepare, template: PHOTO_TEMPLATE };
}
