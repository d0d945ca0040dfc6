/**
 * Encoders of pictures from `onnx/model.onnx`, as repositories for transformers.js have them: what a class of such files
 * does, by the output that exporters give it. Knows no family.
 */
import { firstRows } from '../blocks/rows.ts';
import { OnnxPictureEncoder } from '../onnx/picture-encoder.ts';
import type { PictureEncoder } from '../towers/dual-encoder.ts';
import type { FamilyDefinition, OnnxDefinition } from './family.ts';
import { loadedImageClassifier, loadedImageEmbedder } from './image-classifier.ts';

const WIDTH = 768;

export interface OnnxPictureOptions {
  /** The embedding is the first row of the last layer, for files that do not give it on its own. */
  readonly firstRow?: boolean;
}

/** Classes with a classifier give `logits`, bare ones `pooler_output`. */
export function onnxPictures(
  architectures: FamilyDefinition['architectures'],
  { firstRow = false }: OnnxPictureOptions = {},
): OnnxDefinition {
  return {
    architectures,
    async load(sources) {
      const { architecture, checkpoint, networks } = sources;
      const [network] = await networks.open('model');
      if (architectures[architecture]![0] === 'image-classification') {
        return loadedImageClassifier(sources, new OnnxPictureEncoder(network, { outputs: ['logits'] }));
      }
      const outputs = ['pooler_output', ...(firstRow ? ['last_hidden_state'] : [])];
      const encoder = new OnnxPictureEncoder(network, { outputs });
      const width = encoder.width ?? checkpoint.config.count('hidden_size', WIDTH);
      const isWhole = encoder.output === 'last_hidden_state';
      return loadedImageEmbedder(sources, isWhole ? firstRowOf(encoder) : encoder, width);
    },
  };
}

/** Of rows [batch, rows, width], the first of each picture. */
function firstRowOf(encoder: PictureEncoder): PictureEncoder {
  return {
    bytes: encoder.bytes,
    async embed(pictures, options) {
      using rows = await encoder.embed(pictures, options);
      return await firstRows(rows, options);
    },
    release: () => encoder.release(),
  };
}
