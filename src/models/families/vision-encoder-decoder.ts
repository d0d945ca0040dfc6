/**
 * VisionEncoderDecoder: any encoder of pictures (ViT, DeiT, BEiT, Swin) whose rows any decoder of texts (TrOCR, GPT-2,
 * BERT, RoBERTa) attends to. Checkpoints of transformers' VisionEncoderDecoderModel.
 * Sources: those of the parts; Rothe et al., Leveraging Pre-trained Checkpoints for Sequence Generation Tasks (2019).
 */
import type { LinearSpec } from '../../native/stack-spec.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { BEIT_UNUSED, beitTower } from './beit.ts';
import { BERT_UNUSED, bertDecoder, bertPositions } from './bert.ts';
import { GPT2_UNUSED, gpt2Positions, gpt2Tower } from './gpt2.ts';
import { readSwinWidth, SWIN_UNUSED, type SwinSpec, swinTower } from './swin.ts';
import { readTrocrWidth, TROCR_UNUSED, trocrDecoder, trocrPositions } from './trocr.ts';
import { vitTower } from './vit.ts';

/** What makes rows of pictures. */
export type EncoderSpec =
  | { readonly kind: 'stack'; readonly stack: PictureStack }
  | { readonly kind: 'swin'; readonly swin: SwinSpec };

export interface VisionEncoderDecoderSpec {
  readonly encoder: EncoderSpec;
  /** Brings the encoder's rows to the decoder's width, where they differ. */
  readonly projection: LinearSpec | undefined;
  /** Its memory are the encoder's rows. */
  readonly decoder: LanguageStack;
}

interface EncoderKind {
  readonly width: (config: ConfigReader) => number;
  readonly read: (config: ConfigReader, weights: WeightReader) => Promise<EncoderSpec> | EncoderSpec;
}

interface DecoderKind {
  readonly positions: (config: ConfigReader) => number;
  readonly width: (config: ConfigReader) => number;
  /** Width of the rows that it attends to. */
  readonly memoryWidth?: (config: ConfigReader) => number;
  readonly read: (
    config: ConfigReader,
    weights: WeightReader,
    options: { readonly rows: 'all' | 'last'; readonly memoryWidth: number },
  ) => LanguageStack;
}

const hiddenSize = (config: ConfigReader) => config.count('hidden_size', 768);

const ENCODERS: Readonly<Record<string, EncoderKind>> = {
  vit: { width: hiddenSize, read: (config, weights) => ({ kind: 'stack', stack: vitTower(config, weights, 'vit') }) },
  deit: { width: hiddenSize, read: (config, weights) => ({ kind: 'stack', stack: vitTower(config, weights, 'deit') }) },
  beit: {
    width: hiddenSize,
    read: async (config, weights) => ({ kind: 'stack', stack: await beitTower(config, weights) }),
  },
  swin: {
    width: readSwinWidth,
    read: async (config, weights) => ({ kind: 'swin', swin: await swinTower(config, weights) }),
  },
};

const DECODERS: Readonly<Record<string, DecoderKind>> = {
  trocr: {
    positions: trocrPositions,
    width: readTrocrWidth,
    memoryWidth: (config) => config.count('cross_attention_hidden_size', readTrocrWidth(config)),
    read: trocrDecoder,
  },
  gpt2: {
    positions: gpt2Positions,
    width: (config) => config.count('n_embd', 768),
    read: (config, weights, options) => {
      config.only('add_cross_attention', true);
      return gpt2Tower(config, weights, options);
    },
  },
  bert: {
    positions: (config) => bertPositions(config, 'bert'),
    width: hiddenSize,
    read: (config, weights, options) => bertDecoder(config, weights, 'bert', options),
  },
  roberta: {
    positions: (config) => bertPositions(config, 'roberta'),
    width: hiddenSize,
    read: (config, weights, options) => bertDecoder(config, weights, 'roberta', options),
  },
};

/** Parts that nothing here reads: pools, other heads, what tied files repeat. */
const UNUSED = [/^encoder\.pooler\./, ...BEIT_UNUSED, ...SWIN_UNUSED, ...BERT_UNUSED, ...GPT2_UNUSED, ...TROCR_UNUSED];

/**
 * @param rows which rows the decoder's head gives logits of: all of them, or the last one of each text, as writing needs
 * Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export async function visionEncoderDecoder(
  { config, weights }: Checkpoint,
  rows: 'all' | 'last',
): Promise<VisionEncoderDecoderSpec> {
  const [seeing, writing] = [config.section('encoder'), config.section('decoder')];
  const encoder = kindOf(seeing, ENCODERS);
  const decoder = kindOf(writing, DECODERS);
  const [from, to] = [encoder.width(seeing), decoder.width(writing)];
  const isProjected = from !== to && !writing.has('cross_attention_hidden_size');
  const memoryWidth = isProjected ? to : from;
  const expected = decoder.memoryWidth?.(writing) ?? to;
  if (memoryWidth !== expected) {
    writing.bad('cross_attention_hidden_size', `the width of the encoder's rows, ${memoryWidth},`, expected);
  }
  const spec = {
    encoder: await encoder.read(seeing, weights.below('encoder.')),
    projection: isProjected ? linear(weights, 'enc_to_dec_proj', { inputs: from, outputs: to }) : undefined,
    decoder: decoder.read(writing, weights.below('decoder.'), { rows, memoryWidth }),
  };
  weights.finish({ ignore: UNUSED });
  return spec;
}

/** Most tokens of one text, by the decoder's section. Throws `model/unsupported` for a decoder of another kind. */
export function decoderPositions(config: ConfigReader): number {
  const writing = config.section('decoder');
  return kindOf(writing, DECODERS).positions(writing);
}

function kindOf<Kind>(config: ConfigReader, kinds: Readonly<Record<string, Kind>>): Kind {
  const name = config.text('model_type');
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return kind ?? config.unsupported('model_type', `one of ${Object.keys(kinds).join(', ')}`, name);
}
