/** DistilBERT as a family with tasks. */
import { distilbert, distilbertPositions } from '../families/distilbert.ts';
import type { FamilyDefinition } from './family.ts';
import { onnxTexts } from './onnx-texts.ts';
import { loadMaskFiller, loadTextClassifier, loadTextEmbedder } from './text-tasks.ts';

export const distilbertFamily: FamilyDefinition = {
  name: 'distilbert',
  title: 'DistilBERT',
  paper: {
    title: 'DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter (2019)',
    url: 'https://arxiv.org/abs/1910.01108',
  },
  modelTypes: ['distilbert'],
  architectures: {
    DistilBertForSequenceClassification: ['text-classification'],
    DistilBertForMaskedLM: ['fill-mask', 'text-feature-extraction'],
    DistilBertModel: ['text-feature-extraction'],
  },
  checkpoints: ['distilbert/distilbert-base-uncased-finetuned-sst-2-english', 'distilbert/distilbert-base-uncased'],
  graph: 'distilbert-text-classification',
  async load(sources) {
    const { checkpoint, architecture } = sources;
    const text = distilbert(checkpoint, architecture);
    if (architecture === 'DistilBertModel') return loadTextEmbedder(sources, text);
    return architecture === 'DistilBertForMaskedLM' ? loadMaskFiller(sources, text) : loadTextClassifier(sources, text);
  },
  onnx: onnxTexts(
    {
      DistilBertForSequenceClassification: ['text-classification'],
      DistilBertForMaskedLM: ['fill-mask'],
      DistilBertModel: ['text-feature-extraction'],
    },
    distilbertPositions,
  ),
};
