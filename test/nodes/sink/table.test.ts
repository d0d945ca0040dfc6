import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileAccess } from '../../../src/files/access.ts';
import saveTable from '../../../src/nodes/sink/table.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { runNode } from '../call-node.ts';

const rows = ['a', 'b'].map((subject) => {
  return { kind: 'Scores', entries: [{ label: 'cat', score: 0.5 }], normalized: true, subject } as const;
});

describe('sink/table', () => {
  it('joins the list into one table and writes it as CSV or JSON', async () => {
    const folder = temporaryFolder();
    const files = createFileAccess({ bases: [folder], uploadFolder: folder, outputFolder: join(folder, 'out') });
    const { table } = await runNode(saveTable, {}, { rows }, { files });
    expect(table.rows).toEqual([
      ['a', 1, 'cat', 0.5],
      ['b', 1, 'cat', 0.5],
    ]);
    await runNode(saveTable, { file: 'scores', format: 'json' }, { rows }, { files });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['scores.json', 'table.csv']);
    expect(readFileSync(join(folder, 'out/table.csv'), 'utf8')).toBe(
      'subject,rank,label,score\r\na,1,cat,0.5\r\nb,1,cat,0.5\r\n',
    );
    const objects = JSON.parse(readFileSync(join(folder, 'out/scores.json'), 'utf8'));
    expect(objects).toEqual(['a', 'b'].map((subject) => ({ subject, rank: 1, label: 'cat', score: 0.5 })));
  });

  it('writes nothing without an output folder, and refuses what fits into no table', async () => {
    const folder = temporaryFolder();
    const files = createFileAccess({ bases: [folder], uploadFolder: folder });
    expect((await runNode(saveTable, {}, { rows }, { files })).table.rows).toHaveLength(2);
    expect(readdirSync(folder)).toEqual([]);
    const mixed = [...rows, { kind: 'Text', text: 'x' } as const];
    const code = 'run/bad-input';
    expect(await failure(runNode(saveTable, {}, { rows: mixed }, { files }))).toMatchObject({ code, socket: 'rows' });
  });
});
