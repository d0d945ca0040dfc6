/**
 * preprocessor_config.json -> ImageProcessor, for the classes of processor-classes.ts and whatever way a hub file
 * writes them: old feature extractors, bare numbers as sizes, missing keys. An option that would change pixels and
 * is not understood is an error that names it.
 */
import { type ConfigOrigin, ConfigReader } from './config-reader.ts';
import { DonutProcessor } from './donut-processor.ts';
import { codebookRecipe } from './flava-codebook.ts';
import { Owlv2Processor } from './owlv2-processor.ts';
import { PlannedProcessor, type Recipe } from './planned-processor.ts';
import type { ImageProcessor } from './processor.ts';
import { CLASS_OF_MODEL_TYPE, PROCESSOR_CLASSES, type ProcessorClass } from './processor-classes.ts';
import type { TargetSize } from './target-size.ts';
import { dividedAgain, type ValueMapping } from './value-mapping.ts';

/** Options that every class has. */
const COMMON_OPTIONS = [
  'do_resize',
  'size',
  'resample',
  'default_to_square',
  'do_center_crop',
  'crop_size',
  'do_rescale',
  'rescale_factor',
  'do_normalize',
  'image_mean',
  'image_std',
  'do_convert_rgb',
  'do_pad',
  'pad_size',
];

/** Keys that say something about the file or about Python, and nothing about pixels. */
const REMARKS = new Set([
  'image_processor_type',
  'feature_extractor_type',
  'processor_class',
  'auto_map',
  'transformers_version',
  'name_or_path',
  'image_seq_length',
  'input_data_format',
  'return_tensors',
  'device',
  'disable_grouping',
]);

/**
 * @param config parsed JSON of preprocessor_config.json (or of a processor_config.json that holds `image_processor`)
 * @throws WeftError model/bad-config
 */
export function parseImageProcessor(config: unknown, origin: ConfigOrigin): ImageProcessor {
  const reader = new ConfigReader(asObject(config, origin), origin);
  const { name, known } = chooseClass(reader, origin);
  checkOptions(reader, name, known);
  const type = `${name}ImageProcessor`;
  const recipe = readRecipe(reader, known, type, origin.model);
  if (known.geometry === 'donut') {
    const canvas = reader.size('size', known.size, true);
    return new DonutProcessor(recipe, {
      canvas,
      thumbnail: reader.flag('do_thumbnail', true),
      alignLongAxis: reader.flag('do_align_long_axis', false),
    });
  }
  if (known.geometry === 'owlv2') {
    if (recipe.target !== undefined && recipe.mapping.rescale === undefined) {
      reader.fail('do_rescale where do_resize is on: this class filters rescaled values', { do_rescale: false });
    }
    return new Owlv2Processor(recipe);
  }
  return new PlannedProcessor(recipe);
}

function asObject(config: unknown, origin: ConfigOrigin): Record<string, unknown> {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    return new ConfigReader({}, origin).fail('a JSON object', config);
  }
  const nested = (config as Record<string, unknown>).image_processor;
  return (typeof nested === 'object' && nested !== null ? nested : config) as Record<string, unknown>;
}

function chooseClass(reader: ConfigReader, origin: ConfigOrigin): { name: string; known: ProcessorClass } {
  const written = reader.text('image_processor_type') ?? reader.text('feature_extractor_type');
  const name =
    written?.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, '') ??
    CLASS_OF_MODEL_TYPE[origin.modelType ?? ''] ??
    '';
  const known = Object.hasOwn(PROCESSOR_CLASSES, name) ? PROCESSOR_CLASSES[name] : undefined;
  if (known !== undefined) return { name, known };
  const names = Object.keys(PROCESSOR_CLASSES).map((each) => `${each}ImageProcessor`);
  return reader.fail(`"image_processor_type" to be one of ${names.join(', ')}`, written);
}

/** Every option any class has, so that leftovers of another class (BLIP's files have `size_divisor`) are recognised. */
const VOCABULARY = new Set(
  [...COMMON_OPTIONS, ...Object.values(PROCESSOR_CLASSES).flatMap(({ extra = [] }) => extra)].filter(
    (name) => name !== 'rescale',
  ),
);

function checkOptions(reader: ConfigReader, name: string, known: ProcessorClass): void {
  const ignored = new Set(known.without);
  for (const option of reader.names()) {
    const value = reader.value(option);
    const own = known.extra?.includes(option) === true;
    // What is off, or not said, asks for nothing.
    if (value === undefined || value === false || option.startsWith('_') || REMARKS.has(option)) continue;
    if (option === 'data_format') {
      if (value !== 'channels_first' && value !== 'FIRST') reader.fail('"data_format" to be "channels_first"', value);
    } else if (ignored.has(option) || (!own && !VOCABULARY.has(option)) || (!own && isForeignSwitch(option))) {
      reader.fail(`options that ${name}ImageProcessor has (it has no "${option}")`, { [option]: value });
    }
  }
  if (reader.flag('return_image_mask', false)) {
    reader.fail('"return_image_mask" off: random masks are for pre-training', true);
  }
}

/** A switch of another class that is on would change pixels there; here transformers ignores it, which nobody means. */
function isForeignSwitch(option: string): boolean {
  return !COMMON_OPTIONS.includes(option) && /^(do_|rescale_offset$|include_top$|use_square_size$)/.test(option);
}

function readRecipe(reader: ConfigReader, known: ProcessorClass, type: string, model: string): Recipe {
  const mapping = readMapping(reader, known, type);
  const recipe: Recipe = {
    type,
    model,
    target: reader.flag('do_resize', true) ? readTarget(reader, known) : undefined,
    filter: reader.filter('resample', known.filter),
    crop: reader.flag('do_center_crop', known.centerCrop ?? false) ? readCrop(reader, known) : undefined,
    mapping,
    convertRgb: reader.flag('do_convert_rgb', known.convertRgb ?? false),
    pad: reader.flag('do_pad', known.pad ?? false),
    padSize: known.mask || reader.value('pad_size') === undefined ? undefined : reader.size('pad_size', 1),
    mask: known.mask ?? false,
  };
  return reader.flag('return_codebook_pixels', false)
    ? { ...recipe, codebook: codebookRecipe(reader, recipe) }
    : recipe;
}

function readTarget(reader: ConfigReader, known: ProcessorClass): TargetSize {
  if (known.extra?.includes('use_square_size') && reader.flag('use_square_size', false)) {
    // KOSMOS-2's files: a square of the class's own edge, whatever `size` says.
    return { kind: 'exact', width: 224, height: 224 };
  }
  if (known.extra?.includes('image_size') && reader.value('image_size') !== undefined) {
    // Idefics's older name for a square; it counts before `size`.
    const side = reader.count('image_size', 224);
    return { kind: 'exact', width: side, height: side };
  }
  const order = {
    square: reader.flag('default_to_square', known.square),
    widthFirst: known.geometry === 'donut',
  };
  const target = reader.target('size', known.size, order);
  if (known.geometry === 'multiple') {
    if (target.kind !== 'shortest-edge') return reader.fail('"size" with shortest_edge', reader.value('size'));
    return { kind: 'multiple', edge: target.edge, divisor: reader.count('size_divisor', 32) };
  }
  if (known.geometry !== undefined && target.kind !== 'exact') {
    return reader.fail('"size" with height and width', reader.value('size'));
  }
  return target;
}

function readCrop(reader: ConfigReader, known: ProcessorClass) {
  if (known.cropSize === undefined && reader.value('crop_size') === undefined) {
    return reader.fail('"crop_size" where "do_center_crop" is on', undefined);
  }
  return reader.size('crop_size', known.cropSize ?? 1);
}

function readMapping(reader: ConfigReader, known: ProcessorClass, type: string): ValueMapping {
  // Early OWL-ViT files call the switch "rescale".
  const rescales = known.extra?.includes('rescale')
    ? reader.flag('rescale', reader.flag('do_rescale', true))
    : undefined;
  const mean = reader.perChannel('image_mean', known.mean, false);
  const std = reader.perChannel('image_std', known.std, true);
  const rescale = { factor: reader.number('rescale_factor', 1 / 255) };
  const mapping: ValueMapping = {
    rescale:
      (rescales ?? reader.flag('do_rescale', true))
        ? { ...rescale, ...(reader.flag('rescale_offset', false) ? { offset: -1 } : {}) }
        : undefined,
    normalize: reader.flag('do_normalize', true) ? { mean, std } : undefined,
  };
  if (type !== 'EfficientNetImageProcessor') return mapping;
  return reader.flag('include_top', true) ? dividedAgain(mapping, std) : mapping;
}
