/**
 * GPT-2 behind a prefix that a mapper makes from what a vision tower gives: ClipCap, Frozen, MAPL. The checkpoint holds the
 * mapper as `clip_project.` and the language model as `gpt.`, as ClipCap's published ones do.
 * Sources: Mokady et al., ClipCap (2021); Tsimpoukelli et al., Frozen (2021); Mañas et al., MAPL (2022); see
 * fusion/prefix-mapper.ts.
 */
import type { ConfigReader } from '../blocks/config-reader.ts';
import { readHeads } from '../blocks/transformer-layer.ts';
import type { PrefixMapperSpec } from '../fusion/prefix-mapper.ts';
import { linearMapper, maplMapper, mlpMapper, transformerMapper } from '../fusion/prefix-mapper-weights.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { WeightReader } from '../weights/weight-reader.ts';
import { GPT2_UNUSED, gpt2Tower } from './gpt2.ts';

export interface PrefixLmSpec {
  readonly mapper: PrefixMapperSpec;
  readonly language: LanguageStack;
  /** The token that ends a text, where the checkpoint names one. */
  readonly stopToken: number | undefined;
}

/**
 * @param rows which rows the head gives logits of: all of them, or the last one of each text, as writing needs
 * Rejects with `model/bad-config`, `model/unsupported`, `model/bad-weights`.
 */
export async function prefixLm({ config, weights }: Checkpoint, rows: 'all' | 'last'): Promise<PrefixLmSpec> {
  const text = config.section('text_config');
  text.only('add_cross_attention', false);
  const language = gpt2Tower(text, weights.below('gpt.'), { rows });
  const mapper = await readMapper(config, weights, language.spec.width);
  weights.finish({ ignore: GPT2_UNUSED });
  return { mapper, language, stopToken: config.ids('stop_token')[0] };
}

async function readMapper(config: ConfigReader, weights: WeightReader, width: number): Promise<PrefixMapperSpec> {
  const kind = config.text('model_type');
  const inside = weights.below('clip_project.');
  const shape = {
    name: `${config.model} mapper`,
    length: config.count('prefix_length', kind === 'frozen' ? 2 : 10),
    width,
    visualWidth: config.count('visual_dim', 512),
  };
  switch (kind) {
    case 'clipcap-mlp':
      return mlpMapper(inside, shape);
    case 'clipcap-transformer':
      return transformerMapper(inside, shape, {
        layers: config.count('layers', 8),
        heads: readHeads(config, 'heads', 8, width),
        split: config.count('clip_length', 10),
      });
    case 'frozen':
      return linearMapper(weights, 'clip_project', shape);
    case 'mapl': {
      const hidden = config.count('hidden', 256);
      const reader = { layers: config.count('layers', 4), heads: readHeads(config, 'heads', 8, hidden) };
      return maplMapper(inside, shape, { ...reader, hidden });
    }
    default:
      return config.unsupported('model_type', 'clipcap-mlp, clipcap-transformer, frozen or mapl', kind);
  }
}
