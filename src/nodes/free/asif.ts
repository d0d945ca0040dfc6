/** free/asif: which texts fit a picture, or which pictures a text, by the anchors they resemble. Must not know models. */
import { drawContactSheet } from '../../image/contact-sheet.ts';
import { type AnchorSide, SIDES } from '../../models/free/anchor.ts';
import type { AnchorIndex } from '../../models/free/anchor-index.ts';
import {
  type AsifSettings,
  clampSettings,
  type RelativeRows,
  relativeCosines,
  relativeRows,
  USUAL_SETTINGS,
} from '../../models/free/asif.ts';
import { rankLabels, type SharedAnchor, sharedAnchors } from '../../models/free/asif-answer.ts';
import type { EmbeddingValue, TableValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { expectSameSpace, rowsOf } from '../vectors.ts';

/** Of the sheet of anchors' pictures, pixels and count. */
const SHEET = { side: 96, columns: 8 };

export default defineNode({
  type: 'free/asif',
  version: 1,
  title: 'ASIF',
  summary: 'Compares pictures and texts of two unimodal models by the anchors they resemble, and shows them.',
  doc: `Query and candidates are each described by their cosines with the anchors of their own side: the \`k\` highest, signed; the rest are 0.
These are raised to the power \`p\` and brought to length 1; the score of a candidate is the dot product of both descriptions, from 0
to 1 where \`p\` is even. Of fewer than \`k\` anchors all are taken.

- \`image-to-text\`: the query is a picture's embedding, the candidates are texts': classification (a label with many prompts has
  the score of the best of them) or retrieval of captions.
- \`text-to-image\`: the query is a text's, the candidates are pictures': retrieval of pictures.

\`explanation\` has the anchors that query and best candidate share: what each adds to the score (all of them add up to it), its
caption, its picture's place and both cosines; \`pictures\` shows them, in the same order.

Errors: \`run/bad-input\` for an empty collection, no candidates, and embeddings of a space that the anchors are not of;
\`input/bad-file\`, \`native/not-finite\`.`,
  paper: {
    title: 'ASIF: Coupled Data Turns Unimodal Models to Multimodal Without Training',
    url: 'https://arxiv.org/abs/2210.01738',
  },
  params: {
    direction: {
      kind: 'choice',
      doc: 'Which side asks, and which is searched.',
      options: ['image-to-text', 'text-to-image'],
      default: 'image-to-text',
    },
    k: {
      kind: 'number',
      doc: 'Anchors that describe an embedding.',
      default: USUAL_SETTINGS.k,
      min: 1,
      max: 1_000_000,
      integer: true,
    },
    p: {
      kind: 'number',
      doc: 'Power of the similarities: the higher, the more the nearest anchors say.',
      default: USUAL_SETTINGS.p,
      min: 1,
      max: 64,
      integer: true,
    },
    shown: {
      kind: 'number',
      doc: 'Anchors that are shown for an answer.',
      default: 8,
      min: 1,
      max: 100,
      integer: true,
    },
    best: {
      kind: 'number',
      doc: 'Candidates that are kept, best first.',
      default: 100,
      min: 1,
      max: 100_000,
      integer: true,
      advanced: true,
    },
  },
  inputs: {
    query: { type: { kind: 'Embedding' }, doc: 'Embedding of what is asked about.' },
    candidates: { type: { kind: 'Embedding' }, doc: 'Embeddings of everything that may be the answer.', whole: true },
    anchors: { type: { kind: 'Model', model: 'asif' }, doc: 'The collection, from free/asif-build.' },
  },
  outputs: {
    scores: { type: { kind: 'Scores' }, doc: 'Candidates by label, best first.' },
    explanation: {
      type: { kind: 'Table' },
      doc: 'The anchors behind the best answer and what each adds to its score.',
    },
    pictures: { type: { kind: 'Image' }, doc: "The anchors' pictures, side by side." },
  },
  async run({ params, inputs: { query, candidates, anchors }, context: { services, signal } }) {
    const index = await services.anchors.open(anchors.ref);
    const [asking, searched] = params.direction === 'image-to-text' ? SIDES : SIDES.toReversed();
    expectSameSpace(candidates[0], candidates, 'candidates');
    index.expectSpace(asking!, { space: query.space, width: query.data.length }, 'query');
    const { space, data } = candidates[0]!;
    index.expectSpace(searched!, { space, width: data.length }, 'candidates');
    const settings = clampSettings(params, index.count);
    const answers = await describedCandidates(candidates, index, searched!, settings, signal);
    const asked = await describe([query], index, asking!, settings, signal);
    const scores = await relativeCosines(asked, answers, index.count, { signal });
    const labels = candidates.map(({ label }, row) => label ?? `item ${row + 1}`);
    const ranked = rankLabels(scores, labels);
    const subject = query.label ?? 'query';
    const [winner] = ranked;
    const shared = sharedAnchors(asked, { rows: answers, row: winner!.row }, params.shown);
    const places = shared.map(({ place }) => place);
    return {
      scores: {
        kind: 'Scores',
        entries: ranked.slice(0, params.best).map(({ label, score }) => ({ label, score })),
        normalized: false,
        subject,
      },
      explanation: await explain(index, shared, subject, winner!.label),
      pictures: await drawContactSheet(await index.thumbnails(places), { ...SHEET, name: subject }),
    };
  },
});

function describe(
  embeddings: readonly EmbeddingValue[],
  index: AnchorIndex,
  side: AnchorSide,
  settings: AsifSettings,
  signal: AbortSignal,
): Promise<RelativeRows> {
  const width = embeddings[0]!.data.length;
  return relativeRows({ data: rowsOf(embeddings), width }, index.rows(side), settings, { signal });
}

/** Every query of a list meets the same candidates: they are described once for each collection and settings. */
const known = new WeakMap<readonly EmbeddingValue[], WeakMap<AnchorIndex, Map<string, Promise<RelativeRows>>>>();

function describedCandidates(
  candidates: readonly EmbeddingValue[],
  index: AnchorIndex,
  side: AnchorSide,
  settings: AsifSettings,
  signal: AbortSignal,
): Promise<RelativeRows> {
  const ofIndex = known.get(candidates) ?? new WeakMap<AnchorIndex, Map<string, Promise<RelativeRows>>>();
  known.set(candidates, ofIndex);
  const found = ofIndex.get(index) ?? new Map<string, Promise<RelativeRows>>();
  ofIndex.set(index, found);
  const key = JSON.stringify([side, settings.k, settings.p]);
  const described = found.get(key) ?? describe(candidates, index, side, settings, signal);
  found.set(key, described);
  // Cancelled half-way: another run may still want it.
  described.catch(() => found.delete(key));
  return described;
}

async function explain(
  index: AnchorIndex,
  shared: readonly SharedAnchor[],
  subject: string,
  answer: string,
): Promise<TableValue> {
  const entries = await index.entries(shared.map(({ place }) => place));
  return {
    kind: 'Table',
    columns: [
      'query',
      'answer',
      'rank',
      'contribution',
      'anchor',
      'caption',
      'picture',
      'query cosine',
      'answer cosine',
    ],
    rows: shared.map(({ contribution, querySimilarity, answerSimilarity }, rank) => {
      const { id, caption, picture } = entries[rank]!;
      return [subject, answer, rank + 1, contribution, id, caption, picture, querySimilarity, answerSimilarity];
    }),
  };
}
