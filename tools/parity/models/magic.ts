/**
 * Cases of family `magic`: GPT-2 beside CLIP, each in a folder of its own. Both ways are compared: the published procedure
 * to its end, and the fast one up to the first end token, in the numbers that it computes.
 */
import { join } from 'node:path';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { candidatesOf, replicatedCandidates } from '../../../src/models/decoding/replicated-candidates.ts';
import { clip } from '../../../src/models/families/clip.ts';
import { gpt2 } from '../../../src/models/families/gpt2.ts';
import { type MagicStep, magicSteps } from '../../../src/models/free/magic-steps.ts';
import { encodedFit, searchedFit } from '../../../src/models/free/text-fit.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { LanguageModel } from '../../../src/models/towers/language-model.ts';
import { PictureTower } from '../../../src/models/towers/picture-tower.ts';
import { TextSearch } from '../../../src/models/towers/text-search.ts';
import { TextTower } from '../../../src/models/towers/text-tower.ts';
import { compareArrays, EQUAL, type NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { numbersOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { picturesOf } from './encoder-answers.ts';
import { type CaseText, filled, magicAnswer } from './magic-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { type ToyClipTokens, toyClipTokens } from './toy-clip-tokens.ts';

const MODES = ['reference', 'fast'] as const;
type Mode = (typeof MODES)[number];

export async function* runMagic(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const models = await openModels(model, options);
  try {
    const picture = await embedPicture(model, models);
    const embeds: NumberArray = { data: picture, shape: [1, picture.length] };
    if (options.precision !== 'fp32') {
      yield* compareOutputs(only(model, 'image_embeds'), async () => embeds, options);
      const note = `what is searched for is compared in fp32, not in ${options.precision}`;
      yield { id: `${model.name} search`, status: 'skipped', note };
      return;
    }
    const text = textOf(folder);
    for (const mode of MODES) {
      const steps = await search(folder, model, { ...models, ...text, picture, mode });
      for (const [output, reference] of model.outputs) {
        const id = `${model.name} ${mode} ${output}`;
        const found = output === 'image_embeds' ? { ours: embeds } : magicAnswer(output, steps, model, text);
        if (found === undefined) {
          yield { id, status: 'failed', note: `the runner of family "magic" knows no output of this name` };
          continue;
        }
        const tolerance = reference.data instanceof Float32Array ? model.tolerance : EQUAL;
        const { mismatch, ...closeness } = compareArrays(found.ours, reference, tolerance, found.mask);
        yield mismatch === undefined ? { id, status: 'passed', closeness } : { id, status: 'failed', note: mismatch };
      }
    }
  } finally {
    for (const one of Object.values(models)) if (typeof one === 'object') one.release();
  }
}

function only(model: ModelCase, output: string): ModelCase {
  return { ...model, outputs: new Map([[output, model.outputs.get(output)!]]) };
}

async function openModels({ folder, name }: ModelCase, options: RunnerOptions) {
  const language = await fromCheckpoint(join(folder, 'gpt2'), { model: name }, (checkpoint) =>
    LanguageModel.build(gpt2(checkpoint, 'last'), options),
  );
  return fromCheckpoint(join(folder, 'clip'), { model: name }, async (checkpoint) => {
    const { vision, text, similarity } = await clip(checkpoint);
    return {
      language,
      pictures: await PictureTower.build(vision, options),
      texts: await TextTower.build(text, options),
      scale: similarity.scale,
    };
  });
}

type Models = Awaited<ReturnType<typeof openModels>>;

async function embedPicture(model: ModelCase, { pictures }: Models): Promise<Float32Array> {
  using embedding = await pictures.embed(picturesOf(model, '')!);
  return embedding.toFloats();
}

function textOf({ content }: CaseFolder): CaseText {
  const pieces = content.gpt2_pieces as readonly string[];
  return { pieces, tokens: toyClipTokens(content.clip_vocab as readonly string[], Number(content.clip_max_length)) };
}

interface Search extends Models, CaseText {
  readonly picture: Float32Array;
  readonly mode: Mode;
}

async function search({ content }: CaseFolder, model: ModelCase, search: Search): Promise<MagicStep[]> {
  const { language, texts, pieces, tokens, picture, scale, mode } = search;
  const method = content.method as Readonly<Record<string, number>>;
  const steps = languageSteps(language, { batch: 1 });
  const fit =
    mode === 'fast'
      ? searchedFit(new TextSearch(texts, texts.causal!), tokens.encode, picture)
      : encodedFit((asked) => embedWhole(texts, tokens, asked), picture, { distinct: false });
  const found: MagicStep[] = [];
  for await (const step of magicSteps({
    steps: mode === 'fast' ? candidatesOf(steps) : replicatedCandidates(steps),
    prompt: numbersOfCase(model, 'prefix_ids'),
    ...{ k: method.k!, alpha: method.alpha!, beta: method.beta!, maxNewTokens: method.steps! },
    textTokens: method.clip_text_max_len!,
    // Their pieces say so, and config.json.
    endIds: [pieces.indexOf('<|endoftext|>')],
    continuations: (ids, next) => next.map((token) => [...ids, token].map((id) => pieces[id]!).join('')),
    ...{ fit, scale, mode },
  })) {
    found.push(step);
  }
  return found;
}

/** As one batch, filled up with end tokens. */
async function embedWhole(texts: TextTower, tokens: ToyClipTokens, asked: readonly string[]): Promise<Float32Array[]> {
  const rows = filled(asked.map(tokens.encode), tokens.endId);
  using embeddings = await texts.embed({ ids: rows.flat(), batch: rows.length });
  const [, dim = 0] = embeddings.shape;
  const floats = embeddings.toFloats();
  return rows.map((_, row) => floats.subarray(row * dim, (row + 1) * dim));
}
