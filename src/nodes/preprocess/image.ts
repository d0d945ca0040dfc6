/** preprocess/image: a picture as the float tensor a model takes. Must not decode files; pixels are computed natively. */
import type { ImageValue, TensorValue } from '../../protocol/value.ts';
import { batchOrAlone } from '../batch-or-alone.ts';
import { defineNode } from '../define.ts';
import { choosePreprocessing } from '../preprocessing.ts';
import type { Services } from '../services.ts';

export default defineNode({
  type: 'preprocess/image',
  version: 1,
  title: 'Preprocess picture',
  summary: 'Resizes, crops and normalises a picture as a model expects it.',
  doc: `Resize, crop, rescale, normalise, pad in one native pass, equal to Pillow's resampling to the bit. Gives float32 [3, H, W],
which remembers its picture, so that boxes can be mapped back.

How is told by the preprocessor_config.json of \`model\`, as published on the hub. Where the model has none, or none is named, the
other parameters tell it; they are refused beside a configuration, except \`channels\`. A model that is an ONNX file tells the
\`size\` by its input.

1. resize: \`exact\` to \`size\`; \`shortest-edge\` so that the shorter side has the first number of \`size\`; \`longest-edge-pad\` as large
   as fits into \`size\`, centred, the rest filled with \`padValue\` (letterbox); or \`none\`;
2. cut \`crop\` out of the middle (black where the picture is smaller);
3. value = (byte x \`rescale\` - \`mean\`) / \`std\` per channel.

Errors: \`run/bad-parameter\`, \`input/bad-image-option\`, \`model/bad-config\`, \`model/bad-input\` for a picture that cannot be brought to
the model's size.`,
  params: {
    model: { kind: 'model', families: [], doc: 'Model whose preprocessor_config.json tells how.', optional: true },
    resize: {
      kind: 'choice',
      doc: 'How the picture is brought to size.',
      options: ['exact', 'shortest-edge', 'longest-edge-pad', 'none'],
      default: 'exact',
      advanced: true,
    },
    size: {
      kind: 'numbers',
      doc: 'Pixels: one number, or height and width.',
      optional: true,
      minItems: 1,
      maxItems: 2,
      advanced: true,
    },
    filter: {
      kind: 'choice',
      doc: "Pillow's resampling filter.",
      options: ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'],
      default: 'bilinear',
      advanced: true,
    },
    crop: {
      kind: 'numbers',
      doc: 'Centre crop in pixels: one number, or height and width.',
      optional: true,
      minItems: 1,
      maxItems: 2,
      advanced: true,
    },
    rescale: { kind: 'number', doc: 'Factor on the bytes 0 to 255.', default: 1 / 255, advanced: true },
    mean: {
      kind: 'numbers',
      doc: 'Subtracted per channel: red, green, blue.',
      default: [0, 0, 0],
      minItems: 3,
      maxItems: 3,
      advanced: true,
    },
    std: {
      kind: 'numbers',
      doc: 'Divisor per channel: red, green, blue.',
      default: [1, 1, 1],
      minItems: 3,
      maxItems: 3,
      advanced: true,
    },
    padValue: {
      kind: 'number',
      doc: 'Value of the padding of longest-edge-pad, after normalising.',
      default: 0,
      advanced: true,
    },
    channels: {
      kind: 'choice',
      doc: 'Order of the channels in the tensor.',
      options: ['RGB', 'BGR'],
      default: 'RGB',
      advanced: true,
    },
  },
  inputs: { image: { type: { kind: 'Image' }, doc: 'The picture, 8-bit RGB.' } },
  outputs: {
    pixels: { type: { kind: 'Tensor', dtype: 'float32', shape: [3, null, null] }, doc: 'float32 [3, H, W].' },
  },
  async run({ params, inputs: { image }, context }) {
    const [pixels] = await preprocessAll([image], params, context);
    return { pixels: pixels! };
  },
  async runBatch(calls, params, context) {
    return batchOrAlone(calls, async (group) => {
      const tensors = await preprocessAll(
        group.map(({ image }) => image),
        params,
        context,
      );
      return tensors.map((pixels) => ({ pixels }));
    });
  },
});

async function preprocessAll(
  images: readonly ImageValue[],
  params: Parameters<typeof choosePreprocessing>[0],
  { services, signal }: { readonly services: Services; readonly signal: AbortSignal },
): Promise<TensorValue[]> {
  const { process, placement } = await choosePreprocessing(params, services);
  const results = await process(images, signal);
  return results.map(({ data, width, height }, index) => {
    const image = images[index]!;
    const where = placement(image, { width, height });
    if (params.channels === 'BGR') swapPlanes(data, width * height);
    return {
      kind: 'Tensor',
      dtype: 'float32',
      shape: [3, height, width],
      data,
      origin: {
        width: image.width,
        height: image.height,
        ...(image.name === undefined ? {} : { name: image.name }),
        ...(where === undefined ? {} : { placement: where }),
      },
    };
  });
}

/** Red and blue change places, in place. */
function swapPlanes(data: Float32Array, plane: number): void {
  const red = data.slice(0, plane);
  data.copyWithin(0, 2 * plane, 3 * plane);
  data.set(red, 2 * plane);
}
