/** free/asif-build: a collection of anchors from captioned pictures and two encoders. Must not know families. */
import { createHash } from 'node:crypto';
import { WeftError } from '../../errors.ts';
import type { CaptionedItem } from '../../files/captions/captioned-picture.ts';
import { captionedPictures } from '../../files/captions/captioned-pictures.ts';
import { compileGlob, MAX_ALTERNATIVES } from '../../files/glob.ts';
import type { ParamsOf } from '../../protocol/param.ts';
import { defineNode } from '../define.ts';
import { type EncodingReport, encodeAnchors, pairHash } from '../encode-anchors.ts';
import { MODEL_ERRORS, modelParams, taskOf } from '../model-task.ts';
import type { Services } from '../services.ts';

const { model: imageModel, precision } = modelParams('image-feature-extraction');
const { model: textModel } = modelParams('text-feature-extraction');

const params = {
  pictures: {
    kind: 'source',
    accept: 'file',
    doc: 'Captioned pictures: a folder or glob of them with .txt files beside them, or WebDataset shards (.tar).',
  },
  captions: {
    kind: 'source',
    accept: 'file',
    doc: "One file of captions for all pictures: COCO's JSON, or lines of file name, tab, caption.",
    optional: true,
  },
  imageModel,
  textModel,
  collection: {
    kind: 'text',
    doc: 'Name of a collection that is kept and grows. Left out: one that is made of these pictures alone.',
    optional: true,
    maxLength: 100,
  },
  remove: {
    kind: 'texts',
    doc: 'Ids of anchors that go and are not added again; * and ? as in file patterns.',
    default: [],
    maxItems: 10_000,
  },
  thumbnail: {
    kind: 'number',
    doc: 'Longer side of the small pictures that are kept to be shown beside answers; 0 keeps none.',
    default: 64,
    min: 0,
    max: 512,
    integer: true,
    unit: 'pixels',
    advanced: true,
  },
  precision,
} as const;

export default defineNode({
  type: 'free/asif-build',
  version: 1,
  title: 'ASIF anchors',
  summary: 'Pairs of pictures and captions, encoded by two models that never saw each other.',
  doc: `Every pair of a picture and a caption becomes an anchor: its picture through \`imageModel\`, its caption through \`textModel\`, each in a
space of its own. Nothing is trained; the anchors are the model, and \`free/asif\` asks them.

- A folder or glob: pictures with a \`.txt\` of the same name beside them, a caption on each line. Ids are the pictures' names;
  a second caption is \`NAME#2\`.
- With \`captions\`: COCO's JSON (ids \`FILE#ANNOTATION\`) or lines of name, tab and caption.
- \`.tar\` shards of a WebDataset: pictures with \`.txt\`, \`.caption\` or \`.json\` ("caption" or "text"). Ids are \`SHARD/SAMPLE.jpg\`.

A named \`collection\` keeps what it has and is extended: pairs that are there in the same state are not encoded again, a changed
pair takes the place of the old one, and a build that was stopped goes on where it was. \`remove\` takes anchors out; they are in no
file afterwards, and answers are those of a collection that never had them. Vectors are kept at length 1 as float16.

Pictures that cannot be read are skipped and counted. Collections lie in the cache folder (\`WEFT_CACHE\`), in \`anchors/\`.

Errors: \`input/not-found\`, \`input/outside-roots\`, \`input/empty\` without any pair, \`input/bad-file\`, \`input/too-large\`, \`input/not-writable\`,
\`run/bad-parameter\` for a name that is none and for models of other spaces than the collection's; ${MODEL_ERRORS}.`,
  paper: {
    title: 'ASIF: Coupled Data Turns Unimodal Models to Multimodal Without Training',
    url: 'https://arxiv.org/abs/2210.01738',
  },
  params,
  inputs: {},
  outputs: {
    anchors: { type: { kind: 'Model', model: 'asif' }, doc: 'The collection, for free/asif.' },
    table: {
      type: { kind: 'Table' },
      doc: 'How many anchors there are, were added, were known, were removed, were skipped.',
    },
  },
  async fingerprint(given, { services, signal }) {
    const { name, digest } = await planOf(given, services, signal);
    return `${digest} ${(await services.anchors.revision(name)) ?? 'new'}`;
  },
  async run({ params: given, context: { services, signal, progress } }) {
    const { name, matches } = await planOf(given, services, signal);
    const images = await taskOf(
      services,
      { model: given.imageModel, precision: given.precision },
      'image-feature-extraction',
    );
    const texts = await taskOf(
      services,
      { model: given.textModel, precision: given.precision },
      'text-feature-extraction',
    );
    const changes = services.anchors.changes(name);
    await changes.expectSpaces({ image: { space: images.model.space }, text: { space: texts.model.space } });
    const known = await changes.known();
    const removed = [...known.keys()].filter(matches).length;
    if (removed > 0) await changes.remove(matches, { signal });
    const report: EncodingReport = { added: 0, unchanged: 0, skipped: 0 };
    const encoders = { images: images.perform, texts: texts.perform, thumbnail: given.thumbnail, signal };
    const items = wanted(
      captionedPictures(services.files, { source: given.pictures, captions: given.captions, signal }),
      matches,
    );
    const encoded = encodeAnchors(items, known, encoders, report);
    const first = await encoded.next();
    if (!first.done) {
      const spaces = {
        image: { space: images.model.space, width: first.value.image.length },
        text: { space: texts.model.space, width: first.value.text.length },
      };
      const all = async function* () {
        yield first.value;
        for await (const anchor of encoded) {
          progress(report.added + report.unchanged, undefined, anchor.id);
          yield anchor;
        }
      };
      await changes.add(spaces, all(), { signal });
    }
    if ((await services.anchors.revision(name)) === undefined) {
      throw report.firstError ?? new WeftError('input/empty', { what: 'pictures with captions', path: given.pictures });
    }
    const { count } = await services.anchors.open(name);
    const { added, unchanged, skipped, firstError } = report;
    const rows = Object.entries({ anchors: count, added, unchanged, removed, skipped }).map(([what, value]) => [
      what,
      value,
      null,
    ]);
    if (firstError !== undefined) rows[4]![2] = firstError.message;
    return {
      anchors: { kind: 'Model', model: 'asif', ref: name },
      table: { kind: 'Table', columns: ['what', 'count', 'note'], rows: rows as (string | number | null)[][] },
    };
  },
});

interface Plan {
  readonly name: string;
  /** Of everything that the collection is made from. */
  readonly digest: string;
  readonly matches: (id: string) => boolean;
}

/** Reads every source once: what is not there is told before anything is encoded. */
async function planOf(given: ParamsOf<typeof params>, services: Services, signal: AbortSignal): Promise<Plan> {
  const { pictures: source, captions, collection, remove, thumbnail } = given;
  const [image, text] = await Promise.all([given.imageModel, given.textModel].map((ref) => services.models.info(ref)));
  const digest = createHash('sha256').update(
    JSON.stringify([image!.hash, text!.hash, given.precision, remove, thumbnail]),
  );
  for await (const item of captionedPictures(services.files, { source, captions, signal })) {
    if ('error' in item) digest.update(JSON.stringify([item.key, item.error.code]));
    else
      for (const { id, text: caption } of item.captions) digest.update(JSON.stringify([id, pairHash(item, caption)]));
  }
  const sum = digest.digest('hex');
  return { name: collection ?? `of-${sum.slice(0, 32)}`, digest: sum, matches: matcher(remove) };
}

function matcher(patterns: readonly string[]): (id: string) => boolean {
  const exact = new Set(patterns);
  const compiled = patterns
    .filter((pattern) => /[*?[{]/.test(pattern))
    .map((pattern) => {
      const matches = compileGlob(pattern);
      if (matches !== undefined) return matches;
      const expected = `at most ${MAX_ALTERNATIVES} alternatives in braces`;
      throw new WeftError('run/bad-parameter', { expected, param: 'remove', received: `"${pattern.slice(0, 200)}"` });
    });
  return (id) => exact.has(id) || compiled.some((matches) => matches(id));
}

async function* wanted(items: AsyncIterable<CaptionedItem>, isRemoved: (id: string) => boolean) {
  for await (const item of items) {
    if ('error' in item) yield item;
    else yield { ...item, captions: item.captions.filter(({ id }) => !isRemoved(id)) };
  }
}
