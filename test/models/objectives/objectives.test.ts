import { describe, expect, it } from 'vitest';
import { contrastiveLoss, sigmoidLoss } from '../../../src/models/objectives/contrastive.ts';
import { maskedLikelihood, NOT_MASKED } from '../../../src/models/objectives/masked-tokens.ts';
import { matchingProbabilities } from '../../../src/models/objectives/matching.ts';
import { captionLikelihood, prefixLmLikelihood } from '../../../src/models/objectives/written-tokens.ts';

// Expected numbers: PyTorch 2.13 in double precision, from the same float32 waves.
const wave = (seed: number, count: number, scale = 1) =>
  Float32Array.from({ length: count }, (_, index) => scale * Math.fround(Math.sin(seed + 0.7 * index)));
const rows = (data: Float32Array, width: number) =>
  Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width));

const images = rows(wave(1, 24), 6);
const second = wave(2.5, 24);
const texts = rows(
  wave(1, 24).map((value, index) => second[index]! + 0.3 * value),
  6,
);
const logits = { data: wave(0.4, 35, 3), vocabulary: 7 };

describe('losses of a batch of pairs', () => {
  it('is the cross entropy of both directions', () => {
    const { loss, imageToText, textToImage } = contrastiveLoss({ images, texts }, { scale: 12.5 });
    expect(loss).toBeCloseTo(3.4302985, 6);
    expect(imageToText).toBeCloseTo(3.4361981, 6);
    expect(textToImage).toBeCloseTo(3.4243989, 6);
  });

  it('does not depend on lengths, and does not overflow', () => {
    const longer = { images: images.map((row) => row.map((value) => 4 * value)), texts };
    expect(contrastiveLoss(longer, { scale: 12.5 }).loss).toBeCloseTo(3.4302985, 5);
    expect(contrastiveLoss({ images, texts }, { scale: 1e5 }).loss).toBeGreaterThan(1e4);
    expect(sigmoidLoss({ images, texts }, { scale: 1e5, bias: 0 })).toBeLessThan(1e6);
    expect(contrastiveLoss({ images: images.slice(0, 1), texts: texts.slice(0, 1) }, { scale: 10 }).loss).toBe(0);
  });

  it('is SigLIP’s of every pair alone', () => {
    expect(sigmoidLoss({ images, texts }, { scale: 10, bias: -3.5 })).toBeCloseTo(5.0032033, 6);
  });

  it('refuses what are no pairs', () => {
    const refused = (pairs: { images: Float32Array[]; texts: Float32Array[] }, message: string) =>
      expect(() => contrastiveLoss(pairs, { scale: 1 })).toThrow(message);
    refused({ images, texts: texts.slice(1) }, 'as many as there are images, 4, at least 1');
    refused({ images: [], texts: [] }, 'as many as there are images, 0, at least 1');
    refused({ images, texts: texts.map((row) => row.slice(1)) }, 'rows of 6 numbers');
    refused({ images: images.map(() => new Float32Array(6)), texts }, 'rows of finite length above 0');
  });
});

describe('the probability that picture and text match', () => {
  it('is the second of two, or the sigmoid of one', () => {
    const two = matchingProbabilities(Float32Array.of(1.5, -0.25, -2, 3, 0, 0), 2);
    for (const [index, value] of [0.148047198, 0.993307149, 0.5].entries()) expect(two[index]).toBeCloseTo(value, 8);
    const one = matchingProbabilities(Float32Array.of(1.5, -40), 1);
    expect(one[0]).toBeCloseTo(0.817574476, 8);
    expect(one[1]! / 4.248354255e-18).toBeCloseTo(1, 6);
  });

  it('refuses rows that do not fit', () => {
    expect(() => matchingProbabilities(Float32Array.of(1, 2, 3), 2)).toThrow('rows of 2 numbers');
    expect(() => matchingProbabilities(Float32Array.of(1), 3 as 2)).toThrow('1 or 2');
  });
});

describe('the likelihood of hidden tokens', () => {
  it('counts those that are hidden', () => {
    const { loss, logLikelihood, tokens } = maskedLikelihood(logits, [NOT_MASKED, 3, NOT_MASKED, 6, 0]);
    expect(loss).toBeCloseTo(1.02932993, 6);
    expect(logLikelihood).toBeCloseTo(3 * -1.02932993, 6);
    for (const [index, value] of [-1.07977339, -1.06712866, -0.94108775].entries())
      expect(tokens[index]).toBeCloseTo(value, 6);
  });

  it('is no number where nothing is hidden', () => {
    const none = maskedLikelihood(logits, new Array(5).fill(NOT_MASKED));
    expect(none).toEqual({ loss: Number.NaN, logLikelihood: 0, tokens: [] });
  });

  it('refuses labels that do not fit', () => {
    expect(() => maskedLikelihood(logits, [1])).toThrow('5, one for each row of logits');
    expect(() => maskedLikelihood(logits, [7, 0, 0, 0, 0])).toThrow('numbers from 0 to 6');
    expect(() => maskedLikelihood({ ...logits, vocabulary: 8 }, [1])).toThrow('rows of 8 numbers');
  });
});

describe('the likelihood of a text', () => {
  const text = [2, 5, 0, 6, 1];

  it('is that of each token after those before it', () => {
    const { loss, perplexity, tokens } = captionLikelihood(logits, text);
    expect(loss).toBeCloseTo(3.87025866, 6);
    expect(perplexity).toBeCloseTo(47.9547884, 4);
    expect(tokens.length).toBe(4);
  });

  it('leaves a prefix out', () => {
    expect(prefixLmLikelihood(logits, text, 3).loss).toBeCloseTo(1.68823663, 6);
    expect(prefixLmLikelihood(logits, text, 1)).toEqual(captionLikelihood(logits, text));
  });

  it('refuses what cannot be predicted', () => {
    expect(() => prefixLmLikelihood(logits, text, 0)).toThrow('a whole number from 1 to 4');
    expect(() => prefixLmLikelihood(logits, text, 5)).toThrow('a whole number from 1 to 4');
    expect(() => captionLikelihood(logits, [1, 2])).toThrow('5, one for each row of logits');
    expect(() => captionLikelihood({ data: new Float32Array(7), vocabulary: 7 }, [1])).toThrow('at least 2');
  });
});
