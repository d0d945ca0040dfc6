/**
 * The tasks of a model that reads a text all at once: which of its own classes it belongs to, which tokens may stand at its
 * masks, and one row for the whole text. Shared by the families of BERT's kind; knows none of them.
 */
import { WeftError } from '../../errors.ts';
import { gatherRows } from '../../native/arrange.ts';
import { isExclusive, readLabels } from '../blocks/labels.ts';
import { type TextEncoder, type TextStack, TextTower } from '../towers/text-tower.ts';
import type { FamilySources, LoadedFamily, TaskSources } from './family.ts';
import { fillMasks, maskPlaces } from './mask-filling.ts';
import { probabilities, rankedScores } from './ranking.ts';
import { readSentenceForm } from './sentence-form.ts';
import { sentenceRows, towerRows } from './sentence-rows.ts';
import { textBatch } from './text-batch.ts';
import { textFeatures } from './tower-features.ts';

/** `text` gives logits [texts, classes]. Rejects as `TextTower.build` does, and as reading the tokenizer. */
export async function loadTextClassifier(sources: FamilySources, text: TextStack): Promise<LoadedFamily> {
  await sources.tokenizer();
  return loadedTextClassifier(sources, await TextTower.build(text, sources));
}

/** Of an encoder that is built already. Rejects as reading labels and tokenizer. */
export async function loadedTextClassifier(sources: TaskSources, tower: TextEncoder): Promise<LoadedFamily> {
  const { checkpoint } = sources;
  const labels = readLabels(checkpoint.config);
  const kind = isExclusive(checkpoint.config, labels.length) ? 'softmax' : 'sigmoid';
  const tokenizer = await sources.tokenizer();
  return {
    tasks: {
      async 'text-classification'(input, options = {}) {
        const tokens = textBatch({ tokenizer, tower }, [input.text]);
        const logits = await tower.embed(tokens, options);
        return rankedScores(await probabilities(logits, kind, options), labels);
      },
    },
    bytes: tower.bytes,
    features: textFeatures(tower, tokenizer),
    release: () => tower.release(),
  };
}

/** `text` gives logits [texts, length, vocabulary]. Rejects as `loadTextClassifier` and `readSentenceForm` do. */
export async function loadMaskFiller(sources: FamilySources, text: TextStack): Promise<LoadedFamily> {
  const { checkpoint } = sources;
  const form = await readSentenceForm(checkpoint.folder, checkpoint.model);
  const tokenizer = await sources.tokenizer();
  const tower = await TextTower.build(text, sources);
  const { tasks, ...rows } = sentenceRows({ tokenizer, tower, rows: towerRows(tower) }, text.spec.width, form);
  const filler = await loadedMaskFiller(sources, tower);
  return { ...filler, ...rows, tasks: { ...filler.tasks, ...tasks } };
}

/** Of an encoder that is built already. Rejects as reading the tokenizer. */
export async function loadedMaskFiller(sources: TaskSources, tower: TextEncoder): Promise<LoadedFamily> {
  const { model } = sources.checkpoint;
  const tokenizer = await sources.tokenizer();
  return {
    tasks: {
      async 'fill-mask'(input, options = {}) {
        const sight = (['image', 'regions'] as const).find((name) => name in input);
        if (sight !== undefined) {
          const expected = 'no picture: it reads texts alone';
          throw new WeftError('model/bad-input', { model, input: sight, expected, received: 'one' });
        }
        const tokens = textBatch({ tokenizer, tower }, [input.text]);
        const places = maskPlaces(model, tokenizer, tokens.ids);
        using logits = await tower.embed(tokens, options);
        const rows = await gatherRows(logits, Int32Array.from(places), [places.length], { signal: options.signal });
        return fillMasks(rows, tokenizer, options);
      },
    },
    bytes: tower.bytes,
    release: () => tower.release(),
  };
}

/** One row for each text (`sentenceRows`). Rejects as `loadTextClassifier` and `readSentenceForm` do. */
export async function loadTextEmbedder(sources: FamilySources, text: TextStack): Promise<LoadedFamily> {
  const { checkpoint } = sources;
  const form = await readSentenceForm(checkpoint.folder, checkpoint.model);
  const tokenizer = await sources.tokenizer();
  const tower = await TextTower.build(text, sources);
  return {
    ...sentenceRows({ tokenizer, tower, rows: towerRows(tower) }, text.spec.width, form),
    bytes: tower.bytes,
    release: () => tower.release(),
  };
}
