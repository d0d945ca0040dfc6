import { describe, expect, test } from 'vitest';
import { readFacts } from '../../src/models/model-facts.ts';

describe('what configuration says', () => {
  test('family and width', () => {
    expect(readFacts({ model_type: 'clip', projection_dim: 64 }, undefined)).toMatchObject({ family: 'clip', dim: 64 });
    expect(readFacts({ model_type: 'clip' }, undefined).dim).toBe(512);
    expect(readFacts({ model_type: 7 }, undefined).family).toBeUndefined();
    expect(readFacts(undefined, undefined)).toEqual({
      family: undefined,
      label: undefined,
      dim: undefined,
      imageSize: undefined,
    });
  });

  test.each([
    [{ crop_size: 224, size: 256 }, [224, 224]],
    [{ crop_size: { height: 32, width: 48 } }, [32, 48]],
    [{ do_center_crop: false, crop_size: 224, size: { height: 100, width: 200 } }, [100, 200]],
    [{ size: { shortest_edge: 224 } }, [16, 16]],
    [{ size: { height: -1, width: 5 } }, [16, 16]],
  ])('the size of pictures in %j', (processor, size) => {
    expect(readFacts({ vision_config: { image_size: 16 } }, processor).imageSize).toEqual(size);
  });

  test('a name that travels with the files, when it is a name', () => {
    expect(readFacts({ _name_or_path: 'openai/clip-vit-base-patch32' }, undefined).label).toBe('clip-vit-base-patch32');
    expect(readFacts({ _name_or_path: '/home/me/run 3/' }, undefined).label).toBeUndefined();
    expect(readFacts({ _name_or_path: '' }, undefined).label).toBeUndefined();
  });
});
