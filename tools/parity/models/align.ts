/** Cases of family align: an EfficientNet beside a BERT. */
import { type AlignParts, align } from '../../../src/models/families/align.ts';
import { type Checkpoint, fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { EfficientNet, type EfficientNetResult } from '../../../src/models/towers/efficient-net.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { dualEncoderAnswers, joined, textAnswers } from './dual-encoders.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runAlign(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  if (model.hfClass !== 'AlignModel') throw new Error(`cases of class ${model.hfClass} cannot be run`);
  const { parts, ...towers } = await fromCheckpoint(model.folder, { model: model.name }, (one) => open(one, options));
  const text = joined(
    textAnswers(model, towers.text, 'features'),
    textAnswers(model, towers.bareText, 'pooler_output'),
  );
  const answers = dualEncoderAnswers({ vision: visionAnswers(model, towers.vision), text, ...parts });
  yield* compareOutputs(model, answers, options);
  for (const tower of Object.values(towers)) tower.release();
}

async function open(checkpoint: Checkpoint, options: RunnerOptions) {
  const parts: AlignParts = await align(checkpoint);
  const bare = await align(checkpoint, 'pooled');
  return {
    parts: { similarity: parts.similarity },
    vision: await EfficientNet.build(parts.vision, options),
    text: await TextTower.build(parts.text, options),
    bareText: await TextTower.build(bare.text, options),
  };
}

function visionAnswers(model: ModelCase, tower: EfficientNet): Answers {
  const runs = new Map<string, Promise<EfficientNetResult> | undefined>();
  return async (output) => {
    const [, kind = '', name = ''] = /^(?:(\w+)\.)??((?:hidden_states\.)?\w+)$/.exec(output) ?? [];
    const pictures = picturesOf(model, kind);
    if (!runs.has(kind)) runs.set(kind, pictures && tower.run(pictures, { hiddenStates: true }));
    const result = await runs.get(kind);
    if (result === undefined) return undefined;
    const [, state] = /^hidden_states\.(\d+)$/.exec(name) ?? [];
    if (state !== undefined) return arrayOf(result.hiddenStates[Number(state)]);
    if (name === 'last_hidden_state') return arrayOf(result.hiddenStates.at(-1));
    return name === 'features' || name === 'pooled' ? arrayOf(result.pooled) : undefined;
  };
}
