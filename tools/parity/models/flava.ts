/** Cases of families flava and flava_pretraining: towers, the transformer over both, heads, the codebook. */

import { firstRows, sliceRows } from '../../../src/models/blocks/rows.ts';
import { type FlavaHead, flava } from '../../../src/models/families/flava.ts';
import { FlavaCodebook } from '../../../src/models/families/flava-codes.ts';
import { Flava, MaskedFlavaImages } from '../../../src/models/families/flava-model.ts';
import { joinMasks } from '../../../src/models/families/join-masks.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { permute } from '../../../src/native/arrange.ts';
import { Linear } from '../../../src/native/linear.ts';
import type { StackResult } from '../../../src/native/stack.ts';
import type { Tensor } from '../../../src/native/tensor.ts';
import type { NumberArray } from '../compare.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { contrastiveLogits, unitRows } from './contrastive.ts';
import { arrayOf, picturesOf, tokensOf } from './encoder-answers.ts';
import { type ModelCase, openModelCase } from './model-case.ts';

export async function* runFlava(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const opened = await open(model, options);
  yield* compareOutputs(model, flavaAnswers(model, opened), options);
  for (const part of Object.values(opened)) part?.release();
}

type Opened = Awaited<ReturnType<typeof open>>;

function open({ folder, name, hfClass }: ModelCase, options: RunnerOptions) {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => {
    const parts = await flava(checkpoint, hfClass, 'pooled');
    return {
      flava: await Flava.build(parts, options),
      masked: parts.maskToken && (await MaskedFlavaImages.build(parts, options)),
      image: await Linear.build(parts.imageProjection, options),
      text: await Linear.build(parts.textProjection, options),
      codebook: parts.codebook && (await FlavaCodebook.build(parts.codebook, options)),
    };
  });
}

function flavaAnswers(model: ModelCase, opened: Opened): Answers {
  const { flava: whole, masked } = opened;
  const { imageRows } = whole.parts;
  const layersOf = (count: number) => Array.from({ length: count + 1 }, (_, layer) => layer);
  const textMask = tokensOf(model, 'attention_mask');
  const bits = tokensOf(model, 'bool_masked_pos');
  const runs = new Map<string, Promise<StackResult | undefined>>();
  const once = (name: string, run: () => Promise<StackResult> | undefined) => {
    if (!runs.has(name)) runs.set(name, Promise.resolve(run()));
    return runs.get(name)!;
  };
  const image = (kind = '') =>
    once(`image ${kind}`, () => {
      const pictures = picturesOf(model, kind);
      const returnHidden = layersOf(whole.image.stack.layers);
      return pictures && whole.image.run(pictures, { returnHidden, resizePositions: kind !== '' });
    });
  const maskedImage = () =>
    once('masked image', () => {
      const pictures = picturesOf(model, '');
      return pictures && bits && masked?.run(pictures, bits, { returnHidden: layersOf(whole.image.stack.layers) });
    });
  const text = (input = 'input_ids') =>
    once(`text ${input}`, () => {
      const ids = tokensOf(model, input);
      const [batch = 1] = model.inputs.get(input)?.shape ?? [];
      const segments = tokensOf(model, 'token_type_ids');
      const given = {
        ...(textMask === undefined ? {} : { mask: textMask }),
        ...(segments === undefined ? {} : { segments }),
      };
      return ids && whole.text.run({ ids, batch, ...given }, { returnHidden: layersOf(whole.text.stack.layers) });
    });
  const fused = (name: string, pictures: () => Promise<StackResult | undefined>, ids: string) =>
    once(`fused ${name}`, async () => {
      const [left, right] = [await pictures(), await text(ids)];
      return whole.fuse({ image: left!.hiddenStates.at(-1)!, text: right!.hiddenStates.at(-1)!, textMask });
    });
  const plain = () => fused('plain', () => image(), 'input_ids');
  const hidden = () => fused('masked', maskedImage, 'input_ids_masked');
  const head = async (name: FlavaHead, rows: Promise<Tensor>) => arrayOf(await whole.heads.run(name, await rows));
  const imagesRows = imageRows.positions.length / imageRows.classToken.length;
  const textRows = () => textMask!.length / model.inputs.get('attention_mask')!.shape[0]!;
  const similarities = async () => {
    const pictures = await opened.image.run(await firstRows((await image())!.hidden!));
    const texts = await opened.text.run(await firstRows((await text())!.hidden!));
    return [unitRows(arrayOf(pictures)), unitRows(arrayOf(texts))] as const;
  };

  return async (output): Promise<NumberArray | undefined> => {
    const [, tower, state] = /^(image|text)_hidden_states\.(\d+)$/.exec(output) ?? [];
    if (tower !== undefined)
      return arrayOf((await (tower === 'image' ? image() : text()))?.hiddenStates[Number(state)]);
    const { scale } = whole.parts.similarity;
    switch (output) {
      case 'multimodal_mask': {
        const [batch = 0] = model.inputs.get('attention_mask')!.shape;
        const before = whole.rowsBeforeText(imagesRows);
        const data = joinMasks(new Array(batch * before).fill(1), textMask!, batch);
        return { data, shape: [batch, data.length / batch] };
      }
      case 'image_embeddings':
        return arrayOf((await image())?.hidden);
      case 'text_embeddings':
        return arrayOf((await text())?.hidden);
      case 'image_pooled':
        return arrayOf((await image())?.head);
      case 'text_pooled':
        return arrayOf((await text())?.head);
      case 'multimodal_embeddings':
        return arrayOf((await plain())?.hidden);
      case 'multimodal_pooled':
        return arrayOf((await plain())?.head);
      case 'masked.image_embeddings':
      case 'image_masked_embeddings':
        return arrayOf((await maskedImage())?.hidden);
      case 'text_masked_embeddings':
        return arrayOf((await text('input_ids_masked'))?.hidden);
      case 'masked.multimodal_embeddings':
        return arrayOf((await fused('masked pictures', maskedImage, 'input_ids'))?.hidden);
      case 'multimodal_masked_embeddings':
        return arrayOf((await hidden())?.hidden);
      case 'image_features':
        return arrayOf(await opened.image.run((await image())!.hidden!));
      case 'interp.image_features':
        return arrayOf(await opened.image.run((await image('interp'))!.hidden!));
      case 'text_features':
        return arrayOf(await opened.text.run((await text())!.hidden!));
      case 'image_text_cos':
      case 'contrastive_logits_per_image':
        return contrastiveLogits(...(await similarities()), scale);
      case 'contrastive_logits_per_text': {
        const [pictures, texts] = await similarities();
        return contrastiveLogits(texts, pictures, scale);
      }
      case 'itm_logits':
        return head('itm', firstRows((await hidden())!.hidden!));
      case 'mmm_image_logits': {
        // After both class tokens: the multimodal one and the picture's.
        return head('mmm_image', sliceRows((await hidden())!.hidden!, 2, imagesRows - 1));
      }
      case 'mmm_text_logits':
        return head('mmm_text', sliceRows((await hidden())!.hidden!, whole.rowsBeforeText(imagesRows), textRows()));
      case 'image_only.mim_logits':
        return head('mim', Promise.resolve((await maskedImage())!.hidden!));
      case 'text_only.mlm_logits':
        return head('mlm', Promise.resolve((await text('input_ids_masked'))!.hidden!));
    }
    return codebookAnswer(model, opened.codebook, output);
  };
}

async function codebookAnswer(model: ModelCase, codebook: FlavaCodebook | undefined, output: string) {
  const pictures = model.inputs.get('codebook_pixel_values');
  if (codebook === undefined || !(pictures?.data instanceof Float32Array)) return undefined;
  const given = { data: pictures.data, shape: pictures.shape };
  if (output === 'codebook_logits') return arrayOf(await permute(await codebook.run(given), [0, 3, 1, 2]));
  return output === 'codebook_indices' ? codebook.codes(given) : undefined;
}
