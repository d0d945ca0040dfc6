/**
 * Encoders of texts of BERT's kind from `onnx/model.onnx`, as repositories for transformers.js have them: classifiers,
 * masked language models, and rows for whole texts. Knows no family.
 */
import type { ConfigReader } from '../blocks/config-reader.ts';
import { OnnxTextEncoder } from '../onnx/text-encoder.ts';
import type { FamilyDefinition, OnnxDefinition, TaskSources } from './family.ts';
import { readSentenceForm } from './sentence-form.ts';
import { sentenceRows } from './sentence-rows.ts';
import { loadedMaskFiller, loadedTextClassifier } from './text-tasks.ts';

const WIDTH = 768;

/** One row for each text, as `sentenceRows` makes it. */
async function loadRows({ checkpoint, tokenizer: readTokenizer }: TaskSources, encoder: OnnxTextEncoder) {
  const { config, folder, model } = checkpoint;
  const form = await readSentenceForm(folder, model);
  const tokenizer = await readTokenizer();
  const width = encoder.width ?? config.count(config.has('dim') ? 'dim' : 'hidden_size', WIDTH);
  return {
    ...sentenceRows(
      { tokenizer, tower: encoder, rows: (tokens, options) => encoder.embed(tokens, options) },
      width,
      form,
    ),
    bytes: encoder.bytes,
    release: () => encoder.release(),
  };
}

/** @param positions most tokens of a text, by its configuration */
export function onnxTexts(
  architectures: FamilyDefinition['architectures'],
  positions: (config: ConfigReader) => number,
): OnnxDefinition {
  return {
    architectures,
    async load(sources) {
      const { architecture, checkpoint, networks } = sources;
      const [network] = await networks.open('model');
      const [task] = architectures[architecture]!;
      const output = task === 'text-feature-extraction' ? 'last_hidden_state' : 'logits';
      const encoder = new OnnxTextEncoder(network, { outputs: [output], positions: positions(checkpoint.config) });
      if (task === 'text-classification') return loadedTextClassifier(sources, encoder);
      return task === 'fill-mask' ? loadedMaskFiller(sources, encoder) : loadRows(sources, encoder);
    },
  };
}
