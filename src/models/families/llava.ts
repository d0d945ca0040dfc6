/**
 * LLaVA: rows of CLIP's tower, from one of its layers or several, go through a projector of two matrices and stand in the
 * text of a Llama where it has placeholders.
 * Checkpoints of transformers' LlavaForConditionalGeneration over CLIP and Llama.
 * Sources: Liu et al., Visual Instruction Tuning (2023) and Improved Baselines with Visual Instruction Tuning (2023).
 */
import type { StackSpec } from '../../native/stack-spec.ts';
import { readActivation } from '../blocks/activation-names.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { linear } from '../blocks/linear.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { PictureStack } from '../towers/picture-tower.ts';
import { CLIP_BUFFERS, clipRows } from './clip.ts';
import { llamaTower } from './llama.ts';

const UNUSED = [CLIP_BUFFERS, /\.rotary_emb\.inv_freq$/];

export interface LlavaStacks {
  readonly vision: PictureStack;
  /** Hidden states of the tower whose rows are read, side by side. */
  readonly states: readonly number[];
  /** Whether the class token's row is read too. */
  readonly readsClass: boolean;
  /** From rows of the tower to rows of the language model. */
  readonly projector: StackSpec;
  readonly language: LanguageStack;
  /** The id that stands for each row. */
  readonly placeholder: number;
  /** Options of the language model. */
  readonly text: ConfigReader;
}

/** Throws `model/bad-config`, `model/unsupported`, `model/bad-weights`. */
export function llava({ config, weights }: Checkpoint, rows: 'all' | 'last'): LlavaStacks {
  const [text, pictures] = [config.section('text_config'), config.section('vision_config')];
  text.only('model_type', 'llama');
  pictures.only('model_type', 'clip_vision_model');
  // The names of transformers 4, which the hub has, and of 5.
  const root = weights.below(['model.', '']);
  const vision = clipRows(pictures, root.below('vision_tower.'), { normed: false });
  const states = readStates(config, vision.spec.layers.length);
  const readsClass = readStrategy(config) === 'full';
  const own = root.below('language_model.');
  const language = llamaTower(text, own.below(['model.', '']), {
    rows,
    head: weights.has('lm_head.weight') ? weights : own,
    isTied: config.flag('tie_word_embeddings', text.flag('tie_word_embeddings', false)),
  });
  const { width } = language.spec;
  const inputs = states.length * vision.spec.width;
  const bias = config.flag('multimodal_projector_bias', true);
  const projector: StackSpec = {
    name: `${config.model} (projector)`,
    width: inputs,
    layers: [],
    head: {
      rows: 'all',
      linear: linear(root, 'multi_modal_projector.linear_1', { inputs, outputs: width, bias }),
      activation: readActivation(config, 'projector_hidden_act', 'gelu'),
      more: [{ linear: linear(root, 'multi_modal_projector.linear_2', { inputs: width, outputs: width, bias }) }],
    },
  };
  weights.finish({ ignore: UNUSED });
  const [placeholder = 32_000] = [...config.ids('image_token_index'), ...config.ids('image_token_id')];
  return { vision: upTo(vision, Math.max(...states)), states, readsClass, projector, language, placeholder, text };
}

/** Counted from the end where negative: -1 is what the last layer gives. */
function readStates(config: ConfigReader, layers: number): readonly number[] {
  const key = 'vision_feature_layer';
  const written = config.integers(key, [-2]);
  const states = written.map((layer) => (layer < 0 ? layers + 1 + layer : layer));
  if (states.length > 0 && states.every((state) => state >= 0 && state <= layers)) return states;
  return config.bad(key, `layers from ${-layers - 1} to ${layers}`, written);
}

function readStrategy(config: ConfigReader): string {
  const key = 'vision_feature_select_strategy';
  const strategy = config.text(key, 'default');
  return ['default', 'full'].includes(strategy) ? strategy : config.unsupported(key, '"default" or "full"', strategy);
}

/** What the layers after the last one that is read would give is not needed. */
function upTo(vision: PictureStack, layers: number): PictureStack {
  return { ...vision, spec: { ...vision.spec, layers: vision.spec.layers.slice(0, layers) } };
}
