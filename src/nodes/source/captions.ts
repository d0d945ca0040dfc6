/** source/captions: the captions of a collection, from files. Must not look at pictures. */
import { createHash } from 'node:crypto';
import { captionTexts } from '../../files/captions/caption-texts.ts';
import { defineNode } from '../define.ts';

export default defineNode({
  type: 'source/captions',
  version: 1,
  title: 'Captions',
  summary: 'Captions from text files, COCO JSON or WebDataset shards.',
  doc: `Emits a list of texts, one by one, each once:

- \`.txt\`: a caption on each line.
- \`.json\`: COCO's captions ("images" and "annotations"); \`.tsv\`: lines of file name, tab, caption.
- \`.tar\`: a WebDataset shard, of samples with \`.txt\`, \`.caption\` or \`.json\` ("caption" or "text").

Other files of a folder are left out.

Errors: \`input/not-found\`, \`input/outside-roots\`, \`input/empty\` without any caption, \`input/bad-file\`, \`input/too-large\`.`,
  params: {
    source: { kind: 'source', accept: 'file', doc: 'File, folder or glob.' },
    most: {
      kind: 'number',
      doc: 'Captions that are taken, the first ones; left out: all.',
      optional: true,
      min: 1,
      max: 10_000_000,
      integer: true,
    },
  },
  inputs: {},
  outputs: { text: { type: { kind: 'Text' }, doc: 'One caption.' } },
  emitsList: true,
  async *emit({ params: { source, most = Number.POSITIVE_INFINITY }, context: { services, signal } }) {
    const seen = new Set<string>();
    for await (const { text } of captionTexts(services.files, source, signal)) {
      if (seen.has(text)) continue;
      seen.add(text);
      yield {
        key: text,
        fingerprint: createHash('sha256').update(text).digest('hex'),
        outputs: async () => ({ text: { kind: 'Text', text } as const }),
      };
      if (seen.size >= most) return;
    }
  },
});
