/** What the scorer of COCO's captions says of captions of our own; tools/fixtures/caption_metrics.py wrote it. */
import { readFileSync } from 'node:fs';
import type { ScoredCaption, ScoredTokens } from '../../src/metrics/scored-caption.ts';

interface Expected {
  readonly tokens: Readonly<Record<string, readonly string[]>>;
  readonly bleu: { readonly corpus: readonly number[]; readonly captions: readonly (readonly number[])[] };
  readonly rougeL: { readonly corpus: number; readonly captions: readonly number[] };
  readonly ciderD: { readonly corpus: number; readonly captions: readonly number[] };
}

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../fixtures/metrics/${name}.json`, import.meta.url), 'utf8'));
}

export const CAPTIONS = read<readonly ScoredCaption[]>('captions');
export const EXPECTED = read<Expected>('expected');

/** The captions as the scorer's own tokenizer splits them, so that metrics are tested without ours. */
export const TOKENS: readonly ScoredTokens[] = CAPTIONS.map(({ candidate, references }) => ({
  candidate: EXPECTED.tokens[candidate]!,
  references: references.map((reference) => EXPECTED.tokens[reference]!),
}));
