/** A family made for tests: what it was given to load from, and one task that only counts tokens. */
import type { FamilyDefinition, FamilySources } from '../../../src/models/pipelines/family.ts';

export function bertFamily(seen: FamilySources[] = []): FamilyDefinition {
  return {
    name: 'bert',
    title: 'BERT',
    paper: { title: 'BERT (2018)', url: 'https://arxiv.org/abs/1810.04805' },
    modelTypes: ['bert'],
    architectures: { BertModel: ['text-feature-extraction'], BertForMaskedLM: ['fill-mask'] },
    checkpoints: ['google-bert/bert-base-uncased'],
    graph: 'bert-texts',
    async load(sources) {
      seen.push(sources);
      // The checkpoint is closed when this returns, so it is read now.
      sources.checkpoint.weights.take('embeddings.word_embeddings.weight', [null, null]);
      return {
        tasks: {
          'text-feature-extraction': async ({ texts }) => {
            const tokenizer = await sources.tokenizer();
            return texts.map((text) => Float32Array.of(tokenizer.encode(text).ids.length));
          },
        },
        bytes: 1,
        embedding: { dim: 1 },
        release: () => {},
      };
    },
  };
}
