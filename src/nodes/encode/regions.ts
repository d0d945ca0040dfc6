/** encode/regions: what a detector saw in pictures, from files it left behind. Must not run a detector. */
import { createHash } from 'node:crypto';
import { WeftError } from '../../errors.ts';
import type { SourceFile } from '../../files/sources.ts';
import { readNpy } from '../../models/regions/npy.ts';
import { readRegionLine, regionLines } from '../../models/regions/region-table.ts';
import { type SeenRegions, seenRegions } from '../../models/regions/seen-regions.ts';
import type { BoxesValue, FeaturesValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import type { Services } from '../services.ts';

export default defineNode({
  type: 'encode/regions',
  version: 1,
  title: 'Regions',
  summary: 'Features and boxes of regions that a detector saw, from .npy or .tsv files.',
  doc: `Emits a list, one item for each picture, for models that read regions (VisualBERT, LXMERT):

- \`.npy\`: features float [regions, dim] of one picture in each file (float16, float32 or float64, C order), and boxes float
  [regions, 4] (left, top, right, bottom) in as many files of \`boxes\`, in the same order. Boxes are shares of the picture, or
  pixels where \`width\` and \`height\` are given.
- \`.tsv\`: lines of bottom-up attention (id, width, height, regions, boxes, features) or of LXMERT's extraction (ten columns), each a
  picture with boxes in pixels; with \`image\`, only the line of that id.

Without boxes the item has none: VisualBERT needs none, LXMERT does.

Errors: \`input/not-found\`, \`input/outside-roots\`, \`input/empty\` (no line of that id, too), \`run/bad-parameter\` for boxes that do
not go with the features; per file \`input/bad-file\`, \`input/too-large\`.`,
  paper: {
    title: 'Bottom-Up and Top-Down Attention for Image Captioning and Visual Question Answering',
    url: 'https://arxiv.org/abs/1707.07998',
  },
  params: {
    features: { kind: 'source', accept: 'file', doc: 'A .npy file, a folder or glob of them, or a .tsv file.' },
    boxes: { kind: 'source', accept: 'file', doc: 'The boxes of .npy features, likewise .npy.', optional: true },
    image: { kind: 'text', doc: 'Of a .tsv file: the id of the one picture wanted.', optional: true, maxLength: 1000 },
    width: {
      kind: 'number',
      doc: 'Width of the picture that .npy boxes are in.',
      optional: true,
      min: 1,
      max: 1e6,
      unit: 'pixels',
    },
    height: { kind: 'number', doc: 'Height of that picture.', optional: true, min: 1, max: 1e6, unit: 'pixels' },
  },
  inputs: {},
  outputs: {
    features: { type: { kind: 'Features' }, doc: 'float32 [regions, dim].' },
    boxes: { type: { kind: 'Boxes' }, doc: 'Where the regions lie, in their order.' },
  },
  emitsList: true,
  async *emit({ params, context: { services, signal } }) {
    const boxes = params.boxes === undefined ? undefined : await filesOf(services, params.boxes, signal);
    const size = sizeOf(params);
    let place = 0;
    for await (const item of services.files.sources(params.features, { accept: 'file', signal })) {
      if ('error' in item) yield item;
      else if (isTable(item)) {
        if (boxes !== undefined) badParameter('boxes', 'none for a .tsv file, which has its own', params.boxes!);
        yield* linesOf(item, params.image);
      } else {
        if (params.image !== undefined) badParameter('image', 'none for .npy features', params.image);
        const own = boxes === undefined ? undefined : boxes[place];
        place += 1;
        if (boxes !== undefined && own === undefined) {
          badParameter('boxes', 'as many files as there are features', `${boxes.length} files`);
        }
        yield {
          key: item.key,
          fingerprint: digest(item.hash, own?.hash ?? '', JSON.stringify(size ?? {})),
          outputs: async () => valuesOf(await arraysOf(item, own, size)),
        };
      }
    }
    if (boxes !== undefined && boxes.length > place) {
      badParameter('boxes', 'as many files as there are features', `${boxes.length} files for ${place}`);
    }
  },
});

/** Throws the error of the first that cannot be read: those after it could not be matched. */
async function filesOf({ files }: Services, source: string, signal: AbortSignal): Promise<SourceFile[]> {
  const found: SourceFile[] = [];
  for await (const item of files.sources(source, { accept: 'file', signal })) {
    if ('error' in item) throw item.error;
    found.push(item);
  }
  return found;
}

function sizeOf({ width, height }: { width: number | undefined; height: number | undefined }) {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width === undefined && height === undefined) return undefined;
  return badParameter(width === undefined ? 'width' : 'height', 'both width and height, or neither', 'one of them');
}

function isTable({ key }: SourceFile): boolean {
  return key.toLowerCase().endsWith('.tsv');
}

/** Every line of a table, or the one of an id. */
async function* linesOf(item: SourceFile, image: string | undefined) {
  let found = 0;
  for (const line of regionLines(await item.read())) {
    if (image !== undefined && line.id !== image) continue;
    found += 1;
    yield {
      key: line.id,
      fingerprint: digest(item.hash, String(line.number)),
      outputs: async () => valuesOf(readRegionLine(line, item.key)),
    };
    if (image !== undefined) return;
  }
  if (found > 0) return;
  const what = image === undefined ? 'lines of regions' : `a line that begins with "${image}"`;
  throw new WeftError('input/empty', { what, path: item.key });
}

async function arraysOf(
  features: SourceFile,
  boxes: SourceFile | undefined,
  size: { width: number; height: number } | undefined,
): Promise<SeenRegions> {
  const rows = readNpy(await features.read(), features.key);
  return seenRegions(rows, features.key, {
    ...(boxes === undefined ? {} : { boxes: readNpy(await boxes.read(), boxes.key), boxPath: boxes.key }),
    ...(size === undefined ? {} : { size }),
  });
}

function valuesOf({ features, regions, dim, boxes = new Float32Array(), width, height }: SeenRegions): {
  features: FeaturesValue;
  boxes: BoxesValue;
} {
  const places = Array.from({ length: boxes.length / 4 }, (_, region) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes.subarray(4 * region, 4 * region + 4);
    const label = `region ${region + 1}`;
    return { x: left, y: top, width: right - left, height: bottom - top, label, score: 1 };
  });
  return {
    features: { kind: 'Features', data: features, seq: regions, dim },
    boxes: { kind: 'Boxes', boxes: places, imageWidth: width, imageHeight: height },
  };
}

function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function badParameter(param: string, expected: string, received: string): never {
  throw new WeftError('run/bad-parameter', { expected, param, received });
}
