/**
 * Which files of a model folder matter: those Weft reads, and among them those that hold weights.
 * Pure, over relative paths with forward slashes; the store and the download share it.
 */

const CONFIGURATION = new Set([
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'vocab.txt',
  'merges.txt',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
]);

/** Where sentence-transformers says how a text's tokens become one row: the only configuration below the root. */
const POOLING = '1_Pooling/config.json';

/** Where files that Weft reads lie in a model folder, each with its slash. */
export const MODEL_PARTS = ['', 'onnx/', '1_Pooling/'];

/** Smaller forms of a network that a repository offers beside the full one, by the suffix that exporters give them. */
const VARIANT =
  /[_-](?:fp16|bf16|int8|uint8|q8|q4|q4f16|q2|q2f16|q1|q1f16|bnb4|quantized)(?=\.onnx(?:_data(?:_\d+)?|\.data)?$)/i;

/** Weights whose loading would execute what is in them, or that nothing here reads. */
const REFUSED =
  /\.(?:bin|pt|pth|ckpt|pkl|pickle|joblib|npy|npz|h5|hdf5|keras|msgpack|ot|tflite|mlmodel|gguf|llamafile)$/i;

function isConfiguration(path: string): boolean {
  return CONFIGURATION.has(path) || path === POOLING;
}

export function isSafetensors(path: string): boolean {
  return /\.safetensors$/i.test(path);
}

function isSafetensorsIndex(path: string): boolean {
  return /\.safetensors\.index\.json$/i.test(path);
}

export function isOnnx(path: string): boolean {
  return /\.onnx$/i.test(path);
}

/** Weights that an ONNX file keeps beside itself, as exporters name them. */
function isOnnxData(path: string): boolean {
  return /\.onnx(?:_data(?:_\d+)?|\.data)$/i.test(path);
}

/** What Weft reads of a model folder: its root, the `onnx` folder of transformers.js repositories, one pooling. */
export function isModelFile(path: string): boolean {
  const inRoot = !path.includes('/');
  if (isConfiguration(path) || (inRoot && (isSafetensors(path) || isSafetensorsIndex(path)))) return true;
  return (inRoot || /^onnx\/[^/]+$/.test(path)) && (isOnnx(path) || isOnnxData(path));
}

/** The full form that a smaller one stands beside (`onnx/model_q4.onnx` -> `onnx/model.onnx`), if it is one. */
export function fullForm(path: string): string | undefined {
  return VARIANT.test(path) ? path.replace(VARIANT, '') : undefined;
}

/** PyTorch's own files: zip archives of pickles, or pickles. */
export function isPickle(path: string): boolean {
  return /\.(?:bin|pt|pth|ckpt)$/i.test(path);
}

/** Formats that execute what is in them, or that nothing here reads. */
export function isRefused(path: string): boolean {
  return REFUSED.test(path);
}
