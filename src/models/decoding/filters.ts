/**
 * What shapes the distribution that the next token is drawn from, in transformers' order: temperature, top-k, top-p, min-p,
 * typical. Functions of one row of scores, changed in place; -Infinity stands for a token that cannot be drawn. Draws nothing.
 */
import { largest } from './likeliest.ts';
import type { FilterSettings } from './settings.ts';

const NEVER = Number.NEGATIVE_INFINITY;

/** @param least tokens that every filter leaves: beams need some that do not end the text */
export function filterScores(scores: Float32Array, settings: FilterSettings, least = 1): void {
  const { temperature = 1, topK = 0, topP = 1, minP, typicalP = 1 } = settings;
  if (temperature !== 1) scale(scores, temperature);
  if (topK > 0) keepTopK(scores, Math.max(topK, least));
  if (topP < 1) keepTopP(scores, topP, least);
  if (minP !== undefined && minP > 0) keepMinP(scores, minP, least);
  if (typicalP < 1) keepTypical(scores, typicalP, least);
}

function scale(scores: Float32Array, temperature: number): void {
  for (let token = 0; token < scores.length; token += 1) scores[token] = scores[token]! / temperature;
}

/** Those that tie with the k-th stay too. */
function keepTopK(scores: Float32Array, k: number): void {
  if (k >= scores.length) return;
  const threshold = scores[largest(scores, k).at(-1)!]!;
  for (let token = 0; token < scores.length; token += 1) if (scores[token]! < threshold) scores[token] = NEVER;
}

/** From the least probable up, tokens go while they sum to at most 1 - topP. */
function keepTopP(scores: Float32Array, topP: number, least = 1): void {
  const { tokens, probabilities } = possible(scores);
  const order = tokens.map((_, place) => place).sort((a, b) => probabilities[a]! - probabilities[b]!);
  let sum = 0;
  for (const place of order.slice(0, Math.max(0, order.length - least))) {
    sum += probabilities[place]!;
    if (sum > 1 - topP) break;
    scores[tokens[place]!] = NEVER;
  }
}

/** Tokens go whose probability is below minP times the highest. */
function keepMinP(scores: Float32Array, minP: number, least = 1): void {
  const { tokens, probabilities } = possible(scores);
  const limit = minP * probabilities.reduce((highest, one) => Math.max(highest, one), 0);
  const order = tokens.map((_, place) => place).sort((a, b) => probabilities[b]! - probabilities[a]!);
  for (const place of order.slice(least)) if (probabilities[place]! < limit) scores[tokens[place]!] = NEVER;
}

/** The tokens whose surprise is nearest to the expected one, until they sum to `mass`. */
function keepTypical(scores: Float32Array, mass: number, least = 1): void {
  const { tokens, probabilities } = possible(scores);
  const surprises = probabilities.map((probability) => -Math.log(probability));
  const entropy = probabilities.reduce((sum, one, place) => sum + (one > 0 ? one * surprises[place]! : 0), 0);
  const distances = surprises.map((surprise) => Math.abs(surprise - entropy));
  const order = tokens.map((_, place) => place).sort((a, b) => distances[a]! - distances[b]!);
  let sum = 0;
  let last = 0;
  for (const place of order) {
    sum += probabilities[place]!;
    if (sum >= mass) break;
    last = Math.min(last + 1, order.length - 1);
  }
  const farthest = distances[order[last]!]!;
  for (const place of order.slice(least)) if (distances[place]! > farthest) scores[tokens[place]!] = NEVER;
}

/** Tokens that can be drawn, in order, and their probabilities. */
export function possible(scores: Float32Array): { readonly tokens: number[]; readonly probabilities: number[] } {
  const tokens: number[] = [];
  let highest = NEVER;
  for (let token = 0; token < scores.length; token += 1) {
    const score = scores[token]!;
    if (score === NEVER) continue;
    tokens.push(token);
    if (score > highest) highest = score;
  }
  const powers = tokens.map((token) => Math.exp(scores[token]! - highest));
  const sum = powers.reduce((all, power) => all + power, 0);
  return { tokens, probabilities: powers.map((power) => power / sum) };
}
