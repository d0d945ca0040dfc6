import { expect, test } from 'vitest';
import {
  controlOf,
  fieldText,
  modelsFor,
  paramsOnNode,
  parseField,
  shortValue,
  sliderStep,
} from '../../../editor/src/inspector/field-model.ts';
import { spans } from '../../../editor/src/inspector/markdown-spans.ts';
import type { ModelInfo, ParamSpec } from '../../../src/protocol/index.ts';

const share: ParamSpec = { kind: 'number', doc: '', default: 0.5, min: 0, max: 1 };
const texts: ParamSpec = { kind: 'texts', doc: '' };
const numbers: ParamSpec = { kind: 'numbers', doc: '', optional: true };

test('a number between bounds gets a slider, others a field', () => {
  expect(controlOf(share)).toBe('slider');
  expect(controlOf({ kind: 'number', doc: '', default: 1 })).toBe('number');
  expect(controlOf({ kind: 'number', doc: '', default: 1, min: 1, max: 2 ** 30 })).toBe('number');
  expect(controlOf({ kind: 'text', doc: '', multiline: true })).toBe('area');
  expect(sliderStep({ kind: 'number', doc: '', min: 0, max: 1 })).toBeCloseTo(0.01);
  expect(sliderStep({ kind: 'number', doc: '', min: 1, max: 9, integer: true })).toBe(1);
});

test('typed text becomes a value, empty text the default', () => {
  expect(parseField(share, '0,25')).toEqual({ value: 0.25 });
  expect(parseField(share, '  ')).toEqual({ value: undefined });
  expect(parseField(texts, ' a cat \n\n a dog\n')).toEqual({ value: ['a cat', 'a dog'] });
  expect(parseField(numbers, '0.5, 0.25;1')).toEqual({ value: [0.5, 0.25, 1] });
  expect(parseField({ kind: 'text', doc: '', default: 'x' }, '')).toEqual({ value: '' });
});

test('what does not fit is an error that says what was expected', () => {
  expect(parseField(share, '2')).toEqual({ error: expect.stringMatching(/^Expected .*1\.$/) });
  expect(parseField(share, 'much')).toHaveProperty('error');
  expect(parseField(numbers, '1, two')).toHaveProperty('error');
});

test('values read back as the text that made them', () => {
  expect(fieldText(texts, ['a', 'b'])).toBe('a\nb');
  expect(fieldText(numbers, [1, 2])).toBe('1, 2');
  expect(fieldText(share, undefined)).toBe('0.5');
  expect(fieldText(texts, undefined)).toBe('');
});

test('models of other families are not offered; own ones come first', () => {
  const info = (ref: string, family: string, source: ModelInfo['source']): ModelInfo => ({
    ref,
    family,
    source,
    bytes: 1,
    hash: '',
  });
  const models = [
    info('owner/clip', 'clip', 'hub'),
    info('zoo/clip', 'clip', 'zoo'),
    info('zoo/detect', 'onnx', 'zoo'),
  ];
  const refs = (families: string[]) => modelsFor({ kind: 'model', doc: '', families }, models).map(({ ref }) => ref);
  expect(refs(['clip'])).toEqual(['zoo/clip', 'owner/clip']);
  expect(refs([])).toEqual(['zoo/clip', 'zoo/detect', 'owner/clip']);
});

test('a node shows what was set and what decides, in a few characters', () => {
  const specs = { model: { kind: 'model', doc: '', families: [], default: 'zoo/a' }, share, texts } as const;
  expect(paramsOnNode(specs, undefined)).toEqual([['model', 'zoo/a']]);
  expect(paramsOnNode(specs, { share: 0.9, texts: ['x', 'y'] })).toEqual([
    ['model', 'zoo/a'],
    ['share', '0.9'],
    ['texts', 'x, y'],
  ]);
  expect(
    shortValue(
      texts,
      Array.from({ length: 9 }, (_, index) => `label ${index}`),
    ),
  ).toBe('9 lines');
  expect(shortValue({ kind: 'source', accept: 'image', doc: '' }, 'upload:abc.png')).toBe('your picture');
  expect(shortValue({ kind: 'source', accept: 'image', doc: '' }, 'a/b/c.png')).toBe('c.png');
});

test('documentation spans are text, never elements of their own', () => {
  expect(spans('a `b` **c** *d* <b>')).toEqual([
    { style: 'plain', text: 'a ' },
    { style: 'code', text: 'b' },
    { style: 'plain', text: ' ' },
    { style: 'strong', text: 'c' },
    { style: 'plain', text: ' ' },
    { style: 'emphasis', text: 'd' },
    { style: 'plain', text: ' <b>' },
  ]);
});
