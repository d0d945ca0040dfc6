import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/errors.ts';
import { GRAPH_LIMITS, parseGraph, saveGraph } from '../../src/graph/index.ts';
import { registry } from '../../src/nodes/registry.ts';
import type { Services } from '../../src/nodes/services.ts';
import { RUNTIME_LIMITS, Runtime } from '../../src/runtime/index.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/graph.md'), 'utf8');
const example = /```json\n([\s\S]*?)```/.exec(documentation)?.[1] ?? '';

describe('the graph of docs/graph.md', () => {
  it('is written as it would be saved', () => {
    expect(saveGraph(parseGraph(example))).toBe(example);
  });

  it('runs, and its input can be set', async () => {
    // No node of it reaches models; the sink writes nowhere without an output folder.
    const services = { files: {} } as unknown as Services;
    const runtime = new Runtime({ registry, services, modelsFor: async () => () => undefined });
    const result = await runtime.start(example, { set: { labels: 'a cat, a bird' } }).result;
    expect(result.failures).toEqual([]);
    const texts = result.outputs.prompts?.map(({ value }) => (value.kind === 'Text' ? value.text : value.kind));
    expect(texts).toEqual(['a photo of a cat', 'a drawing of a cat', 'a photo of a bird', 'a drawing of a bird']);
    expect(result.outputs.list).toHaveLength(1);
  });
});

describe('docs/graph.md', () => {
  it('explains every code about graphs that validation gives', () => {
    const codes = Object.keys(ERRORS).filter((code) => code.startsWith('graph/'));
    // The wrapper of all errors, and the two about what a run asks for, are told by docs/errors.md.
    const elsewhere = ['graph/invalid', 'graph/unknown-graph-input', 'graph/unknown-graph-output'];
    for (const code of codes) if (!elsewhere.includes(code)) expect(documentation).toContain(`\`${code}\``);
  });

  it('tells the limits as they are', () => {
    const { lookAhead, batchSize, batchDelay, cacheBytes, lookAheadBytes, replayBytes } = RUNTIME_LIMITS;
    const mebibytes = (bytes: number): string => `${bytes / 2 ** 20} MiB`;
    for (const words of [
      `\`lookAhead\` items (${lookAhead})`,
      `(${mebibytes(lookAheadBytes)})`,
      `\`batchSize\` (${batchSize})`,
      `\`batchDelay\` (${batchDelay} ms)`,
      `\`cacheBytes\`, ${mebibytes(cacheBytes)}`,
      `\`replayBytes\` (${mebibytes(replayBytes)})`,
      `${GRAPH_LIMITS.maxNodes.toLocaleString('en')} nodes`,
      `${GRAPH_LIMITS.maxCharacters / 2 ** 20} Mi characters`,
    ]) {
      expect(documentation.replace(/\s+/g, ' ')).toContain(words);
    }
  });
});
