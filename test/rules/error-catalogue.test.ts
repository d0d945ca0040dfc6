import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS, EXIT, WeftError } from '../../src/errors.ts';
import { renderErrors } from '../../tools/docs/errors.ts';
import { documentationViolations, plainThrows, unusedCodes } from './error-catalogue.ts';
import { readSources, repositoryRoot } from './source-tree.ts';

const codes = Object.keys(ERRORS);
const source = readSources(/^(src|editor|native)\/.*\.(ts|cpp|h)$/).filter((file) => file.path !== 'src/errors.ts');

describe('error catalogue', () => {
  it('agrees with docs/errors.md', () => {
    const text = readFileSync(join(repositoryRoot, 'docs/errors.md'), 'utf8');
    expect(documentationViolations(codes, text)).toEqual([]);
    expect(text).toBe(renderErrors());
  });

  it('has no code that nothing raises', () => {
    expect(unusedCodes(codes, source)).toEqual([]);
  });

  it('is the only way errors leave the code', () => {
    expect(plainThrows(source)).toEqual([]);
  });

  it('fills every placeholder that the details give and gives exits and statuses that exist', () => {
    const error = new WeftError('graph/missing-input', { node: 'head', socket: 'image', type: 'Embedding' });
    expect(error.message).toBe('Expected a link into "head.image" (Embedding), received none.');
    expect([error.node, error.socket, error.status, error.exit]).toEqual(['head', 'image', 422, 3]);
    const exits = new Set<number>(Object.values(EXIT));
    for (const entry of Object.values(ERRORS)) {
      expect(exits.has(entry.exit)).toBe(true);
      expect(entry.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('never tells a foreign cause', () => {
    const error = new WeftError('internal', {}, { cause: new Error('secret path') });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  it('is red on bad samples', () => {
    expect(unusedCodes(['a/b'], [{ path: 'src/x.ts', text: '' }])).toEqual(['a/b']);
    expect(documentationViolations(['a/b'], '| `c/d` | 400 |')).toHaveLength(2);
    expect(plainThrows([{ path: 'src/x.ts', text: 'throw new TypeError("no")' }])).toHaveLength(1);
  });
});
