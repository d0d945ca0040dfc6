/** source/image: pictures from files, folders, globs, data URLs and uploads. Must not resize or normalise. */
import { DEFAULT_MAX_PIXELS, decodeImage } from '../../image/decode.ts';
import { defineNode } from '../define.ts';

export default defineNode({
  type: 'source/image',
  version: 1,
  title: 'Pictures',
  summary: 'Pictures from a file, folder, glob, data URL or upload.',
  doc: `Emits a list of pictures, one by one: a file gives one, a folder its pictures (not those of folders inside it), a glob
(\`photos/**/*.jpg\`) every match, in natural order of their names. Each becomes 8-bit RGB as models were trained on: EXIF
orientation applied, alpha dropped, embedded colour profiles ignored unless \`colorManaged\`; of an animation, the first frame.

A picture that cannot be read or decoded fails alone; the others go on. Relative paths are looked up in the working folder, then
beside the graph file; only folders that were allowed (\`--root\`) are read.

Errors: \`input/not-found\`, \`input/outside-roots\`, \`input/empty\`, \`input/bad-data-url\`; per picture \`input/bad-image\`,
\`input/image-too-large\`, \`input/bad-file\`, \`input/too-large\`.`,
  params: {
    source: { kind: 'source', accept: 'image', doc: 'File, folder, glob, data URL or upload.' },
    colorManaged: {
      kind: 'boolean',
      doc: 'Convert with the embedded colour profile instead of ignoring it.',
      default: false,
      advanced: true,
    },
    maxPixels: {
      kind: 'number',
      doc: 'Larger pictures are refused before they are decoded.',
      default: DEFAULT_MAX_PIXELS,
      min: 1,
      max: 2 ** 30,
      integer: true,
      unit: 'pixels',
      advanced: true,
    },
  },
  inputs: {},
  outputs: { image: { type: { kind: 'Image' }, doc: '8-bit RGB; named by its file.' } },
  emitsList: true,
  async *emit({ params: { source, colorManaged, maxPixels }, context: { services, signal } }) {
    for await (const item of services.files.sources(source, { accept: 'image', signal })) {
      if ('error' in item) {
        yield item;
        continue;
      }
      yield {
        key: item.key,
        fingerprint: item.hash,
        outputs: async () => ({
          image: await decodeImage(await item.read(), { name: item.key, colorManaged, maxPixels, signal }),
        }),
      };
    }
  },
});
