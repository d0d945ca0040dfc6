import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isErrorCode } from '../../src/errors.ts';
import { clientMessageSchema } from '../../src/protocol/socket-message.ts';
import { readSources, repositoryRoot } from '../rules/source-tree.ts';

const text = readFileSync(join(repositoryRoot, 'docs/protocol.md'), 'utf8');
const messages = [...text.matchAll(/^\{ "type": "(?!reply).*\}$/gm)].map(([line]) => JSON.parse(line));

describe('docs/protocol.md', () => {
  it('lists the routes there are, no more and no fewer', () => {
    const sources = readSources(/^src\/server\/routes\/.*\.ts$/).map((file) => file.text);
    const routes = sources.flatMap((source) =>
      [...source.matchAll(/\.(get|put|post|delete)(?:<[^(]*>)?\(\s*'([^']+)'/g)].map(
        ([, method, path]) => `${method?.toUpperCase()} /api${path}`,
      ),
    );
    const listed = [...text.matchAll(/^\| `(GET|PUT|POST|DELETE) (\/api\S*?)(?:\?\S*)?` \|/gm)];
    expect(routes.length).toBeGreaterThan(8);
    expect(listed.map(([, method, path]) => `${method} ${path}`).sort()).toEqual(routes.sort());
  });

  it('shows messages that the server understands, one of each type', () => {
    for (const message of messages) expect(clientMessageSchema.safeParse(message).error).toBeUndefined();
    const types = clientMessageSchema.options.map((option) => option.shape.type.value);
    expect(messages.map(({ type }) => type).sort()).toEqual([...types].sort());
  });

  it('names errors of the catalogue', () => {
    const codes = [...text.matchAll(/`((?:server|input|run|graph)\/[a-z-]+)`/g)].map(([, code]) => code ?? '');
    expect(codes.length).toBeGreaterThan(6);
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
  });
});
