import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isErrorCode } from '../../src/errors.ts';
import { registry } from '../../src/nodes/registry.ts';
import { renderNodes } from '../../tools/docs/nodes.ts';

describe('docs/nodes.md', () => {
  it('is what the registry says now', () => {
    const written = readFileSync(join(import.meta.dirname, '../../docs/nodes.md'), 'utf8');
    expect(written).toBe(renderNodes());
  });

  it('leaves out no node and keeps tables whole', () => {
    const text = renderNodes();
    for (const type of registry.keys()) expect(text).toContain(`\`${type}\`\n`);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row.endsWith('|')).toBe(true);
  });

  it('names only errors that exist', () => {
    for (const { type, doc } of registry.values()) {
      const codes = [...doc.matchAll(/`((?:graph|input|model|run|native)\/[a-z-]+)`/g)].map((match) => match[1]!);
      expect(codes.length, type).toBeGreaterThan(0);
      for (const code of codes) expect(isErrorCode(code), `${type}: ${code}`).toBe(true);
    }
  });
});
