/** Writes a CLIP folder small enough to compute by hand: 2 x 2 pictures, four words, embeddings of two numbers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { f32, storeTensors } from '../native/safetensors-bytes.ts';
import { graph, type Message, model, node, tensor, valueInfo } from './onnx/build-onnx.ts';

export const WORDS = ['<s>', '</s>', 'red', 'blue', '<unk>'];

/** image_embeds = flattened pixels @ w: the sum of the red channel, the sum of the blue one. */
function visionTower(batch: number | string): Message {
  const weights = new Float32Array(12 * 2);
  for (let pixel = 0; pixel < 4; pixel++) {
    weights[pixel * 2] = 1;
    weights[(8 + pixel) * 2 + 1] = 1;
  }
  return model(
    graph('vision', {
      nodes: [node('Flatten', ['pixel_values'], ['flat']), node('MatMul', ['flat', 'w'], ['image_embeds'])],
      initializers: [tensor('w', [12, 2], weights)],
      inputs: [valueInfo('pixel_values', 'float32', [batch, 3, 2, 2])],
      outputs: [valueInfo('image_embeds', 'float32', [batch, 2])],
    }),
  );
}

/** text_embeds = the sum over the tokens of a table's rows; the end token's row is zero, so padding changes nothing. */
function textTower(): Message {
  const table = Float32Array.from([10, 10, 0, 0, 1, 0, 0, 1, 5, 5]);
  return model(
    graph('text', {
      nodes: [
        node('Gather', ['table', 'input_ids'], ['rows']),
        node('Einsum', ['rows'], ['text_embeds'], [einsum('bsd->bd')]),
      ],
      initializers: [tensor('table', [5, 2], table)],
      inputs: [valueInfo('input_ids', 'int64', ['batch', 'sequence'])],
      outputs: [valueInfo('text_embeds', 'float32', ['batch', 2])],
    }),
  );
}

function einsum(equation: string): Message {
  // AttributeProto: name = 1, s = 4, type = 20 (STRING = 3).
  const text = new TextEncoder();
  const field = (number: number, content: string): number[] => {
    const bytes = text.encode(content);
    return [number * 8 + 2, bytes.length, ...bytes];
  };
  return Uint8Array.from([...field(1, 'equation'), ...field(4, equation), 0xa0, 0x01, 3]);
}

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['<s>', '</s>', '<unk>'].map((content) => ({
    id: WORDS.indexOf(content),
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'RobertaProcessing',
    sep: ['</s>', 1],
    cls: ['<s>', 0],
    trim_offsets: false,
    add_prefix_space: false,
  },
  decoder: null,
  model: {
    type: 'WordPiece',
    vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    unk_token: '<unk>',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
  },
};

const preprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  do_resize: true,
  size: { shortest_edge: 2 },
  do_center_crop: true,
  crop_size: { height: 2, width: 2 },
  image_mean: [0, 0, 0],
  image_std: [1, 1, 1],
};

export interface TinyClipOptions {
  /** `null` leaves the weights file out. */
  logitScale?: number | null;
  visionBatch?: number | string;
  config?: object;
}

/** A safetensors file with one float32 scalar. */
export function scalarSafetensors(name: string, value: number): Uint8Array {
  return storeTensors({ [name]: f32([], [value]) });
}

export async function writeTinyClip(folder: string, options: TinyClipOptions = {}): Promise<void> {
  const { logitScale = Math.log(50), visionBatch = 'batch', config = {} } = options;
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const json = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));
  await Promise.all([
    json('config.json', {
      model_type: 'clip',
      projection_dim: 2,
      text_config: { max_position_embeddings: 5 },
      vision_config: { image_size: 2 },
      ...config,
    }),
    json('preprocessor_config.json', preprocessor),
    json('tokenizer.json', tokenizer),
    json('tokenizer_config.json', { model_max_length: 77, pad_token: '</s>', eos_token: '</s>' }),
    writeFile(join(folder, 'onnx', 'vision_model.onnx'), visionTower(visionBatch)),
    writeFile(join(folder, 'onnx', 'text_model.onnx'), textTower()),
    ...(logitScale === null
      ? []
      : [writeFile(join(folder, 'model.safetensors'), scalarSafetensors('logit_scale', logitScale))]),
  ]);
}
