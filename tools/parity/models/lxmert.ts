/** Cases of family lxmert: both streams after every layer, and the heads over them. */
import { lxmert } from '../../../src/models/families/lxmert.ts';
import { Lxmert, type LxmertInput, type LxmertResult } from '../../../src/models/families/lxmert-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runLxmert(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const built = await fromCheckpoint(model.folder, { model: model.name }, async (checkpoint) =>
    Lxmert.build(await lxmert(checkpoint, model.hfClass), options),
  );
  yield* compareOutputs(model, lxmertAnswers(model, built), options);
  built.release();
}

function lxmertAnswers(model: ModelCase, built: Lxmert): Answers {
  let run: Promise<LxmertResult> | undefined;
  const { heads } = built;
  return async (output) => {
    run ??= built.run(inputOf(model), { allStates: true });
    const result = await run;
    if (output !== 'question_answering_score' || heads.has('answers'))
      return arrayOf(await answer(output, result, heads));
    // Without a head for answers, transformers gives the first number of the first pooled row.
    return { data: result.pooled.toFloats().subarray(0, 1), shape: [] };
  };
}

async function answer(output: string, result: LxmertResult, heads: Lxmert['heads']): Promise<Tensor | undefined> {
  const { language, regions, pooled, languageStates, regionStates } = result;
  switch (output) {
    case 'embeddings':
      return languageStates[0];
    case 'visual_embeddings':
      return regionStates[0];
    case 'language_output':
      return language;
    case 'vision_output':
      return regions;
    case 'pooled_output':
      return pooled;
    case 'question_answering_score':
      return heads.run('answers', pooled);
    case 'cross_relationship_score':
      return heads.run('matching', pooled);
    case 'prediction_logits':
      return heads.run('vocabulary', language);
    case 'visual_obj':
      return heads.run('objects', regions);
    case 'visual_attr':
      return heads.run('attributes', regions);
    case 'visual_feat':
      return heads.run('reconstruction', regions);
  }
  // transformers counts from the first layer, without the embeddings.
  const [, stream, state] = /^(language|vision)_hidden_(\d+)$/.exec(output) ?? [];
  return (stream === 'language' ? languageStates : regionStates)[Number(state ?? Number.NaN) + 1];
}

function inputOf(model: ModelCase): LxmertInput {
  const numbers = (name: string) => {
    const { data, shape } = model.inputs.get(name)!;
    return { data: data as Float32Array, shape };
  };
  const [mask, segments] = [tokensOf(model, 'attention_mask'), tokensOf(model, 'token_type_ids')];
  const regionMask = tokensOf(model, 'visual_attention_mask');
  return {
    tokens: {
      ids: tokensOf(model, 'input_ids')!,
      batch: model.inputs.get('input_ids')!.shape[0]!,
      ...(mask === undefined ? {} : { mask }),
      ...(segments === undefined ? {} : { segments }),
    },
    features: numbers('visual_feats'),
    boxes: numbers('visual_pos'),
    ...(regionMask === undefined ? {} : { regionMask }),
  };
}
