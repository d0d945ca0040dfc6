import { describe, expect, it } from 'vitest';
import { parseImageProcessor } from '../../src/image/processor-config.ts';

// What the processors compute is compared with transformers by test/parity/fixture.test.ts.

const parse = (config: unknown, modelType?: string) => parseImageProcessor(config, { model: 'some/model', modelType });
const clip = (options: object = {}) => parse({ image_processor_type: 'CLIPImageProcessor', ...options });

describe('parseImageProcessor chooses the class', () => {
  it.each([
    ['CLIPImageProcessor', { image_processor_type: 'CLIPImageProcessor' }],
    ['CLIPImageProcessor', { feature_extractor_type: 'CLIPFeatureExtractor' }],
    ['CLIPImageProcessor', { image_processor_type: 'CLIPImageProcessorFast' }],
    ['ViTImageProcessor', { image_processor_type: 'ViTFeatureExtractor' }],
    ['SiglipImageProcessor', { image_processor: { image_processor_type: 'SiglipImageProcessor' } }],
  ])('%s from %j', (type, config) => {
    expect(parse(config).type).toBe(type);
  });

  it('by the model type where the file is silent', () => {
    expect(parse({ size: 224 }, 'dinov2').type).toBe('BitImageProcessor');
  });

  it("Idefics's with a square that counts before its size", () => {
    const idefics = parse({ image_size: 30, size: { height: 8, width: 8 }, image_num_channels: 3 }, 'idefics');
    expect(idefics.type).toBe('IdeficsImageProcessor');
    expect(idefics.fixedSize).toEqual({ width: 30, height: 30 });
    expect(parse({}, 'idefics').fixedSize).toEqual({ width: 224, height: 224 });
  });

  it('and names those it knows when it cannot', () => {
    const config = { image_processor_type: 'LlavaImageProcessor' };
    expect(() => parse(config)).toThrow(/CLIPImageProcessor, .*received "LlavaImageProcessor"/);
    expect(() => parse({}, 'kosmos-9')).toThrow(/image_processor_type/);
    expect(() => parse({ image_processor_type: 'toStringImageProcessor' })).toThrow(/image_processor_type/);
  });
});

describe('parseImageProcessor reads sizes', () => {
  it('uses the defaults of the class', () => {
    const plan = clip().plan(640, 480);
    expect(plan).toMatchObject({
      resize: { width: 298, height: 224, filter: 'bicubic' },
      crop: { left: 37, top: 0, width: 224, height: 224 },
      rescale: { factor: 1 / 255 },
      normalize: { mean: [0.48145466, 0.4578275, 0.40821073] },
    });
    expect(clip().fixedSize).toEqual({ width: 224, height: 224 });
  });

  it.each([
    ['a bare number, the shorter edge for CLIP', { size: 32, crop_size: 30 }, { width: 42, height: 32 }],
    ['a list, height first', { size: [20, 30] }, { width: 30, height: 20 }],
    ['a dictionary', { size: { height: 20, width: 30 } }, { width: 30, height: 20 }],
    ['a bare number as a square when told so', { size: 32, default_to_square: true }, { width: 32, height: 32 }],
    ['null as the default', { size: null }, { width: 298, height: 224 }],
  ])('%s', (_, options, size) => {
    expect(clip(options).plan(640, 480)?.resize).toMatchObject(size);
  });

  it('takes a bare number as a square for ViT', () => {
    const processor = parse({ feature_extractor_type: 'ViTFeatureExtractor', size: 32 });
    expect(processor.size(640, 480)).toEqual({ width: 32, height: 32 });
    expect(processor.plan(640, 480)?.crop).toBeUndefined();
  });

  it('reads Donut lists width first', () => {
    const processor = parse({ feature_extractor_type: 'DonutFeatureExtractor', size: [30, 40] });
    expect(processor.fixedSize).toEqual({ width: 30, height: 40 });
  });

  it('says where the size depends on the picture', () => {
    expect(parse({ image_processor_type: 'ViltImageProcessor' }).fixedSize).toBeUndefined();
    expect(parse({ image_processor_type: 'ViltImageProcessor' }).size(640, 480)).toEqual({ width: 512, height: 384 });
  });
});

describe('parseImageProcessor honours or refuses every option', () => {
  const refused: [string, object, RegExp][] = [
    ['an unknown option', { do_grayscale: true }, /no "do_grayscale".*received \{"do_grayscale":true\}/],
    ['an unknown value', { crop_pct: 0.9 }, /crop_pct/],
    ['a switch of another class', { do_thumbnail: true }, /do_thumbnail/],
    ['a filter that does not exist', { resample: 6 }, /"resample" to be one of 0 \(nearest\).*received 6/],
    ['a size of nothing', { size: { shortest_edge: 0 } }, /"size"/],
    ['a size of half', { size: 22.5 }, /"size"/],
    ['a size without its width', { size: { height: 3 } }, /"size" with height and width/],
    ['a longest edge alone', { size: { longest_edge: 3 } }, /"size"/],
    ['a crop by its shorter edge and its longest', { crop_size: { shortest_edge: 3, longest_edge: 4 } }, /"crop_size"/],
    ['a mean in words', { image_mean: 'imagenet' }, /"image_mean"/],
    ['a deviation of zero', { image_std: [1, 0, 1] }, /"image_std" without zeros/],
    ['a factor in words', { rescale_factor: '1/255' }, /"rescale_factor"/],
    ['a switch in words', { do_resize: 'yes' }, /"do_resize"/],
    ['channels last', { data_format: 'channels_last' }, /"data_format"/],
  ];
  it.each(refused)('refuses %s', (_, options, message) => {
    expect(() => clip(options)).toThrow(message);
    expect(() => clip(options)).toThrow(expect.objectContaining({ code: 'model/bad-config' }));
  });

  it('refuses what is no object', () => {
    for (const config of [null, 3, 'x', []]) expect(() => parse(config)).toThrow(/a JSON object/);
  });

  it('lets pass what asks for nothing', () => {
    const options = {
      do_grayscale: false,
      crop_pct: null,
      processor_class: 'CLIPProcessor',
      _valid_processor_keys: ['images'],
      data_format: 'channels_first',
      size_divisor: 32,
    };
    expect(clip(options).plan(640, 480)).toEqual(clip().plan(640, 480));
  });

  it('refuses a random mask, and switches that a class ignores', () => {
    expect(() => parse({ image_processor_type: 'FlavaImageProcessor', return_image_mask: true })).toThrow(
      /return_image_mask/,
    );
    expect(() => parse({ image_processor_type: 'ViltImageProcessor', do_center_crop: true })).toThrow(/do_center_crop/);
    const owl = { image_processor_type: 'Owlv2ImageProcessor', do_rescale: false };
    expect(() => parse(owl)).toThrow(/do_rescale/);
  });

  it('asks for the crop size where the class has none', () => {
    expect(() => parse({ image_processor_type: 'ViTImageProcessor', do_center_crop: true })).toThrow(/"crop_size"/);
  });
});
