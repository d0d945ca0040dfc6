/** head/retrieve: the best matches between pictures and texts. Must not know any model: embeddings come in. */
import { createHash } from 'node:crypto';
import type { EmbeddingValue, ScoresValue, TableValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { inSlices } from '../time-slices.ts';
import { dot, expectSameSpace, normalise } from '../vectors.ts';

/** Candidates beyond the best that are looked at before they are sorted out. */
const SPARE = 1000;

export default defineNode({
  type: 'head/retrieve',
  version: 1,
  title: 'Retrieval',
  summary: 'Ranks pictures for each text, or texts for each picture.',
  doc: `Compares every query with every candidate by cosine and keeps the \`k\` best of each query.
\`text-to-image\` takes the texts as queries and the pictures as candidates; \`image-to-text\` the other way round.
Emits one result per query, in the order of the queries. Equal cosines keep the order of the candidates.

Errors: \`run/bad-input\` when a side is empty, or the spaces differ.`,
  paper: {
    title: 'Learning Transferable Visual Models From Natural Language Supervision (CLIP)',
    url: 'https://arxiv.org/abs/2103.00020',
  },
  params: {
    direction: {
      kind: 'choice',
      doc: 'Which side asks, and which is searched.',
      options: ['text-to-image', 'image-to-text'],
      default: 'text-to-image',
    },
    k: { kind: 'number', doc: 'Matches kept per query.', default: 5, min: 1, max: 1000, integer: true },
  },
  inputs: {
    images: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of all pictures.',
      whole: true,
    },
    texts: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of all texts, in the same space.',
      whole: true,
    },
  },
  outputs: {
    scores: { type: { kind: 'Scores' }, doc: 'The best candidates of one query with their cosines, best first.' },
    table: { type: { kind: 'Table' }, doc: 'The same as rows: query, rank, match, cosine.' },
  },
  emitsList: true,
  async *emit({ params: { direction, k }, inputs: { images, texts }, context: { signal } }) {
    const reference = images[0] ?? texts[0];
    expectSameSpace(reference, images, 'images');
    expectSameSpace(reference, texts, 'texts');
    const [queries, candidates] = direction === 'text-to-image' ? [texts, images] : [images, texts];
    const directions: Float64Array[] = [];
    await inSlices(candidates.length, signal, (index) => directions.push(normalise(candidates[index]!.data)));
    for (const [index, query] of queries.entries()) {
      const name = nameOf(query, index);
      const found = await rank(normalise(query.data), directions, k, signal);
      const entries = found.map(({ index: at, score }) => ({ label: nameOf(candidates[at]!, at), score }));
      const scores: ScoresValue = { kind: 'Scores', entries, normalized: false, subject: name };
      yield {
        key: name,
        fingerprint: createHash('sha256').update(JSON.stringify(scores)).digest('hex'),
        outputs: async () => ({ scores, table: asTable(name, scores) }),
      };
    }
  },
});

interface Match {
  readonly index: number;
  readonly score: number;
}

/** The k best cosines, best first; of equal ones the earlier candidate. */
async function rank(
  query: Float64Array,
  candidates: readonly Float64Array[],
  k: number,
  signal: AbortSignal,
): Promise<readonly Match[]> {
  let best: Match[] = [];
  const keepBest = () => {
    best = best.sort((a, b) => b.score - a.score).slice(0, k);
  };
  await inSlices(candidates.length, signal, (index) => {
    best.push({ index, score: dot(query, candidates[index]!) });
    // Now and then: sorting all of a large gallery at once would hold everything up.
    if (best.length >= k + SPARE) keepBest();
  });
  keepBest();
  return best;
}

function asTable(query: string, scores: ScoresValue): TableValue {
  return {
    kind: 'Table',
    columns: ['query', 'rank', 'match', 'cosine'],
    rows: scores.entries.map(({ label, score }, index) => [query, index + 1, label, score]),
  };
}

function nameOf(embedding: EmbeddingValue, index: number): string {
  return embedding.label ?? `item ${index + 1}`;
}
