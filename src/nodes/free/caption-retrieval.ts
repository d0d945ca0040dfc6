/** free/caption-retrieval: the caption of a collection that fits a picture best. Must not know any model. */
import { defineNode } from '../define.ts';
import { nearestOf } from '../gallery.ts';

export default defineNode({
  type: 'free/caption-retrieval',
  version: 1,
  title: 'Caption by retrieval',
  summary: 'Captions a picture with the sentence of a collection that is nearest to it.',
  doc: `CLIPRe, the baseline that training-free captioning is measured against: of all captions of a collection, the one whose embedding has the
highest cosine with the picture's. Every caption is compared. Nothing is written anew: what the collection does not say is never said.

Errors: \`run/bad-input\` when no caption comes, or one of another space; \`native/not-finite\`.`,
  paper: {
    title: 'Language Models Can See: Plugging Visual Controls in Text Generation (MAGIC), section 4.1',
    url: 'https://arxiv.org/abs/2205.02655',
  },
  params: {
    best: {
      kind: 'number',
      doc: 'Captions that are kept in the scores, best first.',
      default: 5,
      min: 1,
      max: 1000,
      integer: true,
    },
  },
  inputs: {
    image: { type: { kind: 'Embedding', space: { variable: 'space' } }, doc: 'Embedding of the picture.' },
    captions: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Embeddings of the collection, in the same space.',
      whole: true,
    },
  },
  outputs: {
    caption: { type: { kind: 'Caption' }, doc: 'The best caption and its cosine.' },
    scores: { type: { kind: 'Scores' }, doc: 'The best captions with their cosines, best first.' },
  },
  async run({ params: { best }, inputs: { image, captions }, context: { signal } }) {
    const found = await nearestOf(image, { embeddings: captions, socket: 'captions' }, best, signal);
    const entries = found.map(({ index, cosine }) => ({
      label: captions[index]!.label ?? `caption ${index + 1}`,
      score: cosine,
    }));
    const [first] = entries;
    const subject = image.label === undefined ? {} : { subject: image.label };
    return {
      caption: { kind: 'Caption', text: first!.label, score: first!.score },
      scores: { kind: 'Scores', entries, normalized: false, ...subject },
    };
  },
});
