/** Outputs of a tower of CLIP's kind that reads texts, by the names that cases give them, after `text_`. */
import { type TextStack, TextTower } from '../../../src/models/towers/text-tower.ts';
import type { RunnerOptions } from '../outcome.ts';
import type { Answers } from './compare-outputs.ts';
import { encoderAnswers, tokensOf } from './encoder-answers.ts';
import type { ModelCase } from './model-case.ts';

/** `hidden_states.N`, `last_hidden_state`, and what the head gives by the name `head`. */
export function clipTextAnswers(model: ModelCase, tower: TextTower, head: string): Answers {
  return encoderAnswers({
    layers: tower.stack.layers,
    head,
    run(kind, returnHidden) {
      const tokens = kind === '' ? textsOf(model) : undefined;
      return tokens && tower.run(tokens, { returnHidden });
    },
  });
}

/** The texts of a case: `input_ids` and, where there is one, `attention_mask`. */
export function textsOf(model: ModelCase) {
  const ids = tokensOf(model, 'input_ids');
  const mask = tokensOf(model, 'attention_mask');
  const [batch = 1] = model.inputs.get('input_ids')?.shape ?? [];
  return ids && { ids, batch, ...(mask === undefined ? {} : { mask }) };
}

/** The same tower without its projection: the head gives the row it would project. Shares all weights with it. */
export function withoutProjection(text: TextStack, options: RunnerOptions): Promise<TextTower> {
  return TextTower.build({ ...text, spec: { ...text.spec, head: { rows: 'chosen' } } }, options);
}
