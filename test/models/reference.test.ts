import { describe, expect, test } from 'vitest';
import { isRepository, isRevision, parseReference } from '../../src/models/reference.ts';

describe('a reference', () => {
  test.each([
    ['zoo/clip-shapes', { kind: 'zoo', name: 'clip-shapes' }],
    ['openai/clip-vit-base-patch32', { kind: 'hub', repo: 'openai/clip-vit-base-patch32', revision: 'main' }],
    ['gpt2', { kind: 'hub', repo: 'gpt2', revision: 'main' }],
    ['owner/name@v1.0', { kind: 'hub', repo: 'owner/name', revision: 'v1.0' }],
    ['owner/name@refs/pr/3', { kind: 'hub', repo: 'owner/name', revision: 'refs/pr/3' }],
    ['models/detector.onnx', { kind: 'path', path: 'models/detector.onnx' }],
    ['detector.ONNX', { kind: 'path', path: 'detector.ONNX' }],
    ['./my-model', { kind: 'path', path: './my-model' }],
    ['/models/clip', { kind: 'path', path: '/models/clip' }],
    ['C:\\models\\clip', { kind: 'path', path: 'C:\\models\\clip' }],
    ['a/b/c', { kind: 'path', path: 'a/b/c' }],
    ['owner/name@../../x', { kind: 'path', path: 'owner/name@../../x' }],
    ['zoo/../x', { kind: 'path', path: 'zoo/../x' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });
});

test('names that the hub does not give are no repositories', () => {
  for (const name of ['a--b/c', 'a..b/c', '.hidden/x', 'owner/name.', 'owner/name.git', 'owner/', '', 'a b/c']) {
    expect(isRepository(name), name).toBe(false);
  }
});

test('a revision cannot climb out of the cache', () => {
  for (const name of ['..', 'a/../b', '/a', 'a//b', '', '.hidden', 'a\\b', 'x'.repeat(201)]) {
    expect(isRevision(name), name).toBe(false);
  }
});
