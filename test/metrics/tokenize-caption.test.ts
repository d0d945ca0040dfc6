import { describe, expect, it } from 'vitest';
import { tokenizeCaption } from '../../src/metrics/tokenize-caption.ts';
import { EXPECTED } from './coco-fixture.ts';

describe('tokenizeCaption', () => {
  it.each(Object.entries(EXPECTED.tokens))('splits %j as the scorer of COCO does', (text, tokens) => {
    expect(tokenizeCaption(text)).toEqual(tokens);
  });
});
