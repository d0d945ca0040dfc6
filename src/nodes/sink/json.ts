/** sink/json: results of a whole list as JSON. Must not write outside the output folder. */
import { valueToJson } from '../../protocol/json-value.ts';
import { defineNode } from '../define.ts';

export default defineNode({
  type: 'sink/json',
  version: 1,
  title: 'Save JSON',
  summary: 'Collects results into one JSON list.',
  doc: `Takes the whole list and writes it as a JSON list, in item order, each value as the API shows it: pictures as their
size, arrays of more than \`maxNumbers\` numbers as their shape.
Where an output folder is set (\`--out\`), the list is written there; a file whose name was
chosen by \`file\` is replaced.

Errors: \`input/not-writable\`.`,
  params: {
    file: {
      kind: 'text',
      doc: 'File name without extension; left out: "results", with a number where that is taken.',
      optional: true,
      maxLength: 200,
    },
    maxNumbers: {
      kind: 'number',
      doc: 'Longer arrays of numbers (tensors, embeddings) are left out.',
      default: 4096,
      min: 0,
      max: 100_000_000,
      integer: true,
      advanced: true,
    },
  },
  inputs: { values: { type: { kind: 'Any' }, doc: 'Results of any kind.', whole: true } },
  outputs: { json: { type: { kind: 'Text' }, doc: 'The JSON text.' } },
  sink: true,
  async run({ params: { file, maxNumbers }, inputs: { values }, context }) {
    const list = values.map((value) => valueToJson(value, { maxNumbers }));
    const text = `${JSON.stringify(list, undefined, 2)}\n`;
    const written = await context.services.files.output?.write({
      name: file ?? 'results',
      extension: '.json',
      bytes: text,
      replace: file !== undefined,
    });
    if (written !== undefined) context.progress(1, 1, written);
    return { json: { kind: 'Text', text } };
  },
});
