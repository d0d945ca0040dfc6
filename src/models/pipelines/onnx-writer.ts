/**
 * VisionEncoderDecoder from ONNX files, as repositories for transformers.js have them: `encoder_model` makes rows of a
 * picture, a decoder attends to them. Knows no tokenizer and no way of choosing tokens.
 */
import type { ImageProcessor } from '../../image/processor.ts';
import { onnxSteps } from '../decoding/onnx-steps.ts';
import type { DecodingSteps } from '../decoding/steps.ts';
import { decoderPositions } from '../families/vision-encoder-decoder.ts';
import { OnnxDecoder } from '../onnx/decoder.ts';
import type { Pictures } from '../towers/picture-tower.ts';
import type { OnnxSources } from './family.ts';
import type { TaskOptions } from './task.ts';
import type { TowerFeatures } from './tower-features.ts';

/** What writes a text about a picture, whatever runs it. */
export interface SeeingWriter {
  /** Most tokens of one text. */
  readonly positions: number;
  readonly bytes: number;
  /** Steps for one text about the picture, good until `use` has ended. */
  readonly write: <Result>(
    pictures: Pictures,
    options: TaskOptions,
    use: (steps: DecodingSteps) => Promise<Result>,
  ) => Promise<Result>;
  /** What its encoder sees, where it tells. */
  readonly features?: (processor: ImageProcessor) => TowerFeatures;
  readonly release: () => void;
}

const ROWS = 'last_hidden_state';

/** Rejects with `model/missing-file`, `model/unsupported` for networks of another form. */
export async function openOnnxWriter({ checkpoint, networks }: OnnxSources): Promise<SeeingWriter> {
  const positions = decoderPositions(checkpoint.config);
  const [encoder] = await networks.open('encoder_model');
  encoder.expectInputs(['pixel_values']);
  encoder.expectOutput(ROWS);
  const decoder = await OnnxDecoder.open(networks);
  return {
    positions,
    bytes: encoder.bytes + decoder.bytes,
    async write({ data, shape }, { signal }, use) {
      const pixels = { dtype: 'float32' as const, shape, data };
      const seen = await encoder.run({ pixel_values: pixels }, { outputs: [ROWS], signal });
      return use(onnxSteps(decoder, { batch: 1, positions, memory: seen[ROWS] }));
    },
    release() {
      encoder.release();
      decoder.release();
    },
  };
}
