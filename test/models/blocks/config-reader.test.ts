import { describe, expect, it } from 'vitest';
import { readActivation } from '../../../src/models/blocks/activation-names.ts';
import { ConfigReader } from '../../../src/models/blocks/config-reader.ts';
import { readLabelCount } from '../../../src/models/blocks/labels.ts';
import { readPictureShape } from '../../../src/models/blocks/patches.ts';
import { readArchitecture } from '../../../src/models/towers/checkpoint.ts';

const reader = (content: Record<string, unknown>) => new ConfigReader(content, { model: 'test/model' });

describe('a configuration', () => {
  const config = reader({
    width: 8,
    none: null,
    ratio: 0.5,
    on: true,
    name: 'x',
    ids: [1, 2],
    id: 0,
    part: { depth: 2 },
  });

  it('gives options by kind, and defaults where one is left out or null', () => {
    expect(config.count('width')).toBe(8);
    expect(config.count('none', 3)).toBe(3);
    expect(config.has('none')).toBe(false);
    expect(config.number('ratio')).toBe(0.5);
    expect(config.flag('on', false)).toBe(true);
    expect(config.text('absent', 'y')).toBe('y');
    expect(config.ids('ids')).toEqual([1, 2]);
    expect(config.ids('id')).toEqual([0]);
    expect(config.ids('absent')).toEqual([]);
    expect(config.numbers('ratio', [1])).toEqual([config.number('ratio')]);
    expect(config.numbers('ids', [1])).toEqual([1, 2]);
    expect(config.numbers('absent', [0.5, 4])).toEqual([0.5, 4]);
    expect(config.section('part').count('depth')).toBe(2);
    expect(config.section('absent').count('depth', 4)).toBe(4);
  });

  it('gives sizes as one number or two', () => {
    const sizes = reader({ square: 4, pair: [4, 6], three: [1, 2, 3], zero: 0 });
    expect(sizes.size('square')).toEqual([4, 4]);
    expect(sizes.size('pair')).toEqual([4, 6]);
    expect(() => sizes.size('three')).toThrow(expect.objectContaining({ code: 'model/bad-config' }));
    expect(() => sizes.size('zero')).toThrow(expect.objectContaining({ code: 'model/bad-config' }));
  });

  it.each<[(config: ConfigReader) => unknown, string]>([
    [
      (one) => one.count('name'),
      'Expected a whole number from 1 for "name" in config.json of model "test/model", received "x".',
    ],
    [(one) => one.count('id'), 'a whole number from 1 for "id"'],
    [(one) => one.count('absent'), 'received nothing'],
    [(one) => one.number('on'), 'a number for "on"'],
    [(one) => one.flag('width', true), 'true or false for "width"'],
    [(one) => one.texts('ids'), 'a list of texts for "ids"'],
    [(one) => one.ids('ratio'), 'whole numbers from 0 for "ratio"'],
    [(one) => one.section('ids'), 'an object for "ids"'],
    [(one) => one.section('part').count('height'), 'for "part.height"'],
  ])('says what is wrong and where (%#)', (read, message) => {
    expect(() => read(config)).toThrow(
      expect.objectContaining({ code: 'model/bad-config', message: expect.stringContaining(message) }),
    );
  });

  it('refuses what is not supported by name', () => {
    expect(() => config.only('width', 8)).not.toThrow();
    expect(() => config.only('absent', false)).not.toThrow();
    expect(() => config.only('on', false)).toThrow(
      expect.objectContaining({
        code: 'model/unsupported',
        message: 'Expected false for "on" of config.json in model "test/model", received true.',
      }),
    );
  });
});

describe('what configurations share', () => {
  it('are activations under all their names', () => {
    const act = (name: string) => readActivation(reader({ hidden_act: name }), 'hidden_act', 'gelu');
    expect(['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh', 'swish', 'quick_gelu', 'linear'].map(act)).toEqual([
      ...['gelu', 'gelu_tanh', 'gelu_tanh', 'gelu_tanh', 'silu', 'quick_gelu', 'none'],
    ]);
    expect(() => act('laplace')).toThrow(
      expect.objectContaining({
        code: 'model/unsupported',
        message: expect.stringMatching(/one of gelu, .*"laplace"/),
      }),
    );
  });

  it('are numbers of classes, by labels, by number, or two', () => {
    expect(readLabelCount(reader({ id2label: { 0: 'a', 1: 'b', 2: 'c' }, num_labels: 9 }))).toBe(3);
    expect(readLabelCount(reader({ num_labels: 9 }))).toBe(9);
    expect(readLabelCount(reader({}))).toBe(2);
  });

  it('are pictures cut into patches, the rest left out', () => {
    const shape = readPictureShape(reader({ image_size: [30, 44], patch_size: 7 }), { size: 224, patch: 16 });
    expect(shape).toEqual({ channels: 3, size: [30, 44], patch: [7, 7], grid: [4, 6] });
    const bad = reader({ image_size: 6, patch_size: 7 });
    expect(() => readPictureShape(bad, { size: 224, patch: 16 })).toThrow(/at least the patch size/);
  });

  it('are classes: the chosen one, else the first of the file, else the family\u2019s first', () => {
    expect(readArchitecture(reader({ architectures: ['B'] }), ['A', 'B'])).toBe('B');
    expect(readArchitecture(reader({ architectures: ['B'] }), ['A', 'B'], 'A')).toBe('A');
    expect(readArchitecture(reader({}), ['A', 'B'])).toBe('A');
    expect(() => readArchitecture(reader({ architectures: ['C'] }), ['A', 'B'])).toThrow(/one of A, B/);
  });
});
