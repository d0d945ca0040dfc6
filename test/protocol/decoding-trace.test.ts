import { describe, expect, it } from 'vitest';
import { type DecodingTrace, decodingTable, readDecodingTrace } from '../../src/protocol/decoding-trace.ts';

const TRACE: DecodingTrace = {
  steps: [
    {
      candidates: [
        { text: ' a', probability: 0.5, penalty: 0.25, magic: 0.125, score: 0.625, chosen: true },
        { text: ' the', probability: 0.25, penalty: null, magic: 0.0625, score: 0.5, chosen: false },
      ],
    },
    { candidates: [{ text: 's', probability: 0.75, penalty: -1, magic: null, score: 0.5, chosen: true }] },
  ],
};

describe('decoding traces as tables', () => {
  it('come back as they were, also through JSON', () => {
    const table = decodingTable(TRACE);
    expect(table.rows).toHaveLength(3);
    expect(table.rows[1]).toEqual([1, ' the', 0.25, null, 0.0625, 0.5, 0]);
    expect(readDecodingTrace(table)).toEqual(TRACE);
    expect(readDecodingTrace(JSON.parse(JSON.stringify(table)))).toEqual(TRACE);
  });

  it('are told from other tables', () => {
    expect(readDecodingTrace({ kind: 'Table', columns: ['measure', 'value'], rows: [['loss', 1]] })).toBeUndefined();
  });
});
