/** sink/table: results of a whole list as one table. Must not write outside the output folder. */
import { defineNode } from '../define.ts';
import { tabulate, toCsv, toJsonRows } from '../tabulate.ts';

export default defineNode({
  type: 'sink/table',
  version: 1,
  title: 'Save table',
  summary: 'Collects results into one CSV or JSON table.',
  doc: `Takes the whole list and makes one table of it, in item order: tables are joined; scores, boxes, masks, texts, labels,
embeddings and pictures become rows. All items must be of one kind.
Where an output folder is set (\`--out\`), the table is written there as CSV (RFC 4180) or as a JSON list of objects; a file
whose name was chosen by \`file\` is replaced.

Errors: \`run/bad-input\` when items do not fit into one table, \`input/not-writable\`.`,
  params: {
    file: {
      kind: 'text',
      doc: 'File name without extension; left out: "table", with a number where that is taken.',
      optional: true,
      maxLength: 200,
    },
    format: { kind: 'choice', doc: 'How the file is written.', options: ['csv', 'json'], default: 'csv' },
  },
  inputs: { rows: { type: { kind: 'Any' }, doc: 'Tables, or results that become rows.', whole: true } },
  outputs: { table: { type: { kind: 'Table' }, doc: 'All rows in one table.' } },
  sink: true,
  async run({ params: { file, format }, inputs: { rows }, context }) {
    const table = tabulate(rows, 'rows');
    const bytes = format === 'csv' ? toCsv(table) : toJsonRows(table);
    const written = await context.services.files.output?.write({
      name: file ?? 'table',
      extension: `.${format}`,
      bytes,
      replace: file !== undefined,
    });
    if (written !== undefined) context.progress(1, 1, written);
    return { table };
  },
});
