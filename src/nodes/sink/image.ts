/** sink/image: pictures with what was found drawn over them. Must not write outside the output folder. */
import { WeftError } from '../../errors.ts';
import { encodeJpeg, encodePng } from '../../image/encode.ts';
import { drawOverlay } from '../../image/overlay.ts';
import type { ImageValue, MasksValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';

export default defineNode({
  type: 'sink/image',
  version: 1,
  title: 'Save picture',
  summary: 'Draws masks, boxes, labels and scores over a picture and saves it.',
  doc: `Draws masks and boxes with their labels over the picture, one colour per label, and scores as bars below it. The photo
stays visible through a mask; of masks that overlap the best is seen. The result is shown and, where an output folder is set
(\`--out\`), written there. Nothing is overwritten: a name that is taken gets a number
(\`cat-2.png\`).
Small pictures are enlarged by a whole factor, so that labels can be read.

Errors: \`input/not-writable\`; \`run/bad-input\` for masks of another size than the picture.`,
  params: {
    file: {
      kind: 'text',
      doc: "File name without extension; left out: the picture's own name.",
      optional: true,
      maxLength: 200,
    },
    format: { kind: 'choice', doc: 'How the file is written.', options: ['png', 'jpeg'], default: 'png' },
    maxScores: {
      kind: 'number',
      doc: 'Scores drawn at most, the best ones.',
      default: 5,
      min: 0,
      max: 50,
      integer: true,
      advanced: true,
    },
    minSide: {
      kind: 'number',
      doc: 'Smaller pictures are enlarged until their longer side is at least this long; 0 never enlarges.',
      default: 480,
      min: 0,
      max: 4096,
      integer: true,
      unit: 'pixels',
      advanced: true,
    },
  },
  inputs: {
    image: { type: { kind: 'Image' }, doc: 'The picture.' },
    boxes: { type: { kind: 'Boxes' }, doc: 'Boxes to draw, in pixels of this picture.', optional: true },
    masks: { type: { kind: 'Masks' }, doc: 'Masks to draw, of the size of this picture.', optional: true },
    scores: { type: { kind: 'Scores' }, doc: 'Scores to draw below the picture.', optional: true },
  },
  outputs: { image: { type: { kind: 'Image' }, doc: 'The picture with everything drawn on it.' } },
  sink: true,
  async run({ params, inputs: { image, boxes, masks, scores }, context }) {
    const drawn = await drawOverlay(image, {
      ...(boxes === undefined ? {} : { boxes: boxes.boxes }),
      ...(masks === undefined ? {} : { masks: masksOver(image, masks) }),
      ...(scores === undefined
        ? {}
        : { scores: scores.entries.slice(0, params.maxScores), normalized: scores.normalized }),
      minSide: params.minSide,
    });
    const { output } = context.services.files;
    if (output !== undefined) {
      const bytes = params.format === 'png' ? await encodePng(drawn) : await encodeJpeg(drawn);
      const name = params.file ?? withoutExtension(image.name ?? 'picture');
      const extension = params.format === 'png' ? '.png' : '.jpg';
      context.progress(1, 1, await output.write({ name, extension, bytes }));
    }
    return { image: drawn };
  },
});

/** Throws `run/bad-input`. */
function masksOver({ width, height }: ImageValue, masks: MasksValue): MasksValue {
  if (masks.width === width && masks.height === height) return masks;
  const [expected, received] = [`Masks of ${width} x ${height}`, `Masks of ${masks.width} x ${masks.height}`];
  throw new WeftError('run/bad-input', { expected, socket: 'masks', received });
}

function withoutExtension(name: string): string {
  return name.replace(/\.\w{1,5}$/, '');
}
