import { expect, test } from 'vitest';
import { takeToken } from '../../../editor/src/api/token.ts';

function storage(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  };
}

const place = (hash: string) => ({ hash, pathname: '/', search: '' });

test('the token is taken out of the address and kept for the tab', () => {
  const kept = storage();
  let address = '';
  expect(takeToken(place('#token=abc'), kept, (next) => (address = next))).toBe('abc');
  expect(address).toBe('/');
  expect(takeToken(place(''), kept, () => undefined)).toBe('abc');
});

test('without a token there is none', () => {
  expect(takeToken(place('#other'), storage(), () => undefined)).toBeUndefined();
});
