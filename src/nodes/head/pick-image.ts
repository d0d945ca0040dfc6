/** head/pick-image: the picture of a list that fits a text best, as a picture. Must not know any model: embeddings come in. */
import { WeftError } from '../../errors.ts';
import { defineNode } from '../define.ts';
import { inSlices } from '../time-slices.ts';
import { dot, expectSameSpace, normalise } from '../vectors.ts';

export default defineNode({
  type: 'head/pick-image',
  version: 1,
  title: 'Pick a picture',
  summary: 'Gives the picture of a list whose embedding is closest to that of a text.',
  doc: `As \`head/retrieve\` with one match, but the picture itself goes on: MaGiC tells stories about a picture that is found by the
story's title. Compares by cosine; of equal ones the first picture is taken.

Errors: \`run/bad-input\` for no picture, another number of embeddings than pictures, and spaces that differ.`,
  paper: {
    title: 'Language Models Can See: Plugging Visual Controls in Text Generation (2022)',
    url: 'https://arxiv.org/abs/2205.02655',
  },
  params: {},
  inputs: {
    pictures: { type: { kind: 'Image' }, doc: 'All pictures to choose from.', whole: true },
    images: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Their embeddings, in the same order.',
      whole: true,
    },
    text: {
      type: { kind: 'Embedding', space: { variable: 'space' } },
      doc: 'Of the text, in the same space.',
    },
  },
  outputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture that fits best.' },
    scores: { type: { kind: 'Scores' }, doc: 'Its name and cosine.' },
  },
  async run({ inputs: { pictures, images, text }, context: { signal } }) {
    if (pictures.length === 0 || images.length !== pictures.length) {
      const expected = `an embedding for each of ${pictures.length} pictures, at least one,`;
      throw new WeftError('run/bad-input', { expected, socket: 'images', received: `${images.length}` });
    }
    expectSameSpace(text, images, 'images');
    const query = normalise(text.data);
    const cosines: number[] = [];
    await inSlices(images.length, signal, (index) => cosines.push(dot(query, normalise(images[index]!.data))));
    const best = cosines.reduce((at, cosine, index) => (cosine > cosines[at]! ? index : at), 0);
    const image = pictures[best]!;
    const entries = [{ label: image.name ?? `picture ${best + 1}`, score: cosines[best]! }];
    const subject = text.label === undefined ? {} : { subject: text.label };
    return { image, scores: { kind: 'Scores', entries, normalized: false, ...subject } };
  },
});
