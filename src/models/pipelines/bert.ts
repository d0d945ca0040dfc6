/** BERT and RoBERTa as families with tasks. */
import { type BertKind, bert, bertPositions } from '../families/bert.ts';
import type { FamilyDefinition, FamilySources, LoadedFamily } from './family.ts';
import { onnxTexts } from './onnx-texts.ts';
import { loadMaskFiller, loadTextClassifier, loadTextEmbedder } from './text-tasks.ts';

export const bertFamily: FamilyDefinition = {
  name: 'bert',
  title: 'BERT',
  paper: {
    title: 'BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding (2018)',
    url: 'https://arxiv.org/abs/1810.04805',
  },
  modelTypes: ['bert'],
  architectures: {
    BertForMaskedLM: ['fill-mask', 'text-feature-extraction'],
    BertForPreTraining: ['fill-mask', 'text-feature-extraction'],
    BertForSequenceClassification: ['text-classification'],
    BertModel: ['text-feature-extraction'],
  },
  checkpoints: [
    'google-bert/bert-base-uncased',
    'textattack/bert-base-uncased-SST-2',
    'sentence-transformers/all-MiniLM-L6-v2',
  ],
  graph: 'bert-fill-mask',
  load: (sources) => loadBert(sources, 'bert'),
  onnx: onnxTexts(
    {
      BertForMaskedLM: ['fill-mask'],
      BertForSequenceClassification: ['text-classification'],
      BertModel: ['text-feature-extraction'],
    },
    (config) => bertPositions(config, 'bert'),
  ),
};

export const robertaFamily: FamilyDefinition = {
  name: 'roberta',
  title: 'RoBERTa',
  paper: {
    title: 'RoBERTa: A Robustly Optimized BERT Pretraining Approach (2019)',
    url: 'https://arxiv.org/abs/1907.11692',
  },
  modelTypes: ['roberta'],
  architectures: {
    RobertaForMaskedLM: ['fill-mask', 'text-feature-extraction'],
    RobertaForSequenceClassification: ['text-classification'],
    RobertaModel: ['text-feature-extraction'],
  },
  checkpoints: ['FacebookAI/roberta-base', 'textattack/roberta-base-SST-2'],
  graph: 'roberta-fill-mask',
  load: (sources) => loadBert(sources, 'roberta'),
  onnx: onnxTexts(
    {
      RobertaForMaskedLM: ['fill-mask'],
      RobertaForSequenceClassification: ['text-classification'],
      RobertaModel: ['text-feature-extraction'],
    },
    (config) => bertPositions(config, 'roberta'),
  ),
};

async function loadBert(sources: FamilySources, kind: BertKind): Promise<LoadedFamily> {
  const { checkpoint, architecture } = sources;
  const text = bert(checkpoint, kind, architecture);
  if (architecture.endsWith('Model')) return loadTextEmbedder(sources, text);
  return architecture.endsWith('ForSequenceClassification')
    ? loadTextClassifier(sources, text)
    : loadMaskFiller(sources, text);
}
