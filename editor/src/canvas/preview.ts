/**
 * What a node shows of its results, as data: chosen here, measured by node-geometry, drawn by draw-preview. Pure.
 */
import type { Box, NodeDescriptor, ScoreEntry, SocketKind } from '../../../src/protocol/index.ts';
import type { Picture } from '../run/pictures.ts';
import type { ItemResult, NodeRun } from '../run/run-state.ts';
import { describeValue } from '../run/value-text.ts';

interface Paged {
  /** Which of `pages` items is shown, from 0. */
  readonly page: number;
  readonly pages: number;
  /** Name of the item shown. */
  readonly caption?: string;
}

export type Preview = Paged &
  (
    | { readonly kind: 'placeholder'; readonly of: SocketKind; readonly isSource?: boolean }
    | {
        readonly kind: 'picture';
        readonly picture: Picture;
        /** Seen through what is transparent in the picture. */
        readonly behind?: Picture | undefined;
        readonly width: number;
        readonly height: number;
      }
    | {
        readonly kind: 'boxes';
        readonly picture: Picture | undefined;
        readonly boxes: readonly Box[];
        readonly width: number;
        readonly height: number;
      }
    | { readonly kind: 'bars'; readonly entries: readonly ScoreEntry[]; readonly normalized: boolean }
    | { readonly kind: 'text'; readonly lines: readonly string[] }
    | {
        readonly kind: 'table';
        readonly columns: readonly string[];
        readonly rows: readonly (readonly (string | number | null)[])[];
      }
    /** Embeddings as rows of colour. */
    | { readonly kind: 'strip'; readonly rows: readonly (readonly number[])[]; readonly text: string }
    | { readonly kind: 'line'; readonly text: string }
  );

export interface PreviewSource {
  readonly descriptor: NodeDescriptor;
  readonly run: NodeRun | undefined;
  /** Which item is shown. */
  readonly page: number;
  /** What an output carries here, in words, for the time before the first run. */
  typeText(output: string): string;
  /** Texts given as a parameter, shown at once. */
  readonly texts: readonly string[] | undefined;
  /** The node's own preview picture. */
  picture(output: string, index: number): Picture | undefined;
  /** The picture that boxes and masks of this item lie on. */
  pictureBehind(index: number): Picture | undefined;
}

const NOTHING: ReadonlySet<SocketKind> = new Set(['Text', 'Any', 'Model', 'Tokens', 'Labels']);

export function previewOf(source: PreviewSource): Preview | undefined {
  const { descriptor, run } = source;
  if (source.texts !== undefined) return { kind: 'text', lines: source.texts, page: 0, pages: 1 };
  for (const output of Object.keys(descriptor.outputs)) {
    const items = run?.items(output) ?? [];
    const page = Math.min(source.page, items.length - 1);
    const item = items[page];
    if (item === undefined) continue;
    const paged = { page, pages: items.length, ...(item.key === undefined ? {} : { caption: item.key }) };
    return previewOfValue(item, output, source, paged);
  }
  const [first] = Object.entries(descriptor.outputs);
  return first === undefined ? undefined : beforeRun(source, first[0], first[1].type.kind);
}

/** So that a newcomer sees what will appear where, and so that the node keeps its size when it does. */
function beforeRun(source: PreviewSource, output: string, kind: SocketKind): Preview | undefined {
  const single = { page: 0, pages: 1 } as const;
  const local = kind === 'Image' ? source.picture(output, 0) : undefined;
  if (local !== undefined) {
    const { naturalWidth = 0, naturalHeight = 0 } = local.image ?? {};
    return { ...single, kind: 'picture', picture: local, width: naturalWidth, height: naturalHeight };
  }
  if (kind === 'Tensor' || kind === 'Features') return { ...single, kind: 'line', text: source.typeText(output) };
  const isSource = Object.keys(source.descriptor.inputs).length === 0;
  if (NOTHING.has(kind) && source.descriptor.sink !== true && !isSource) return undefined;
  return { ...single, kind: 'placeholder', of: kind, isSource };
}

function previewOfValue(item: ItemResult, output: string, source: PreviewSource, paged: Paged): Preview {
  const { value, index } = item;
  const own = source.picture(output, index);
  switch (value.kind) {
    case 'Image':
    case 'Video':
      if (own === undefined) return { ...paged, kind: 'line', text: describeValue(value) };
      return { ...paged, kind: 'picture', picture: own, width: value.width, height: value.height };
    case 'Masks': {
      if (own === undefined) return { ...paged, kind: 'line', text: describeValue(value) };
      const { width, height } = value;
      return { ...paged, kind: 'picture', picture: own, behind: source.pictureBehind(index), width, height };
    }
    case 'Boxes':
      return {
        ...paged,
        kind: 'boxes',
        picture: source.pictureBehind(index),
        boxes: value.boxes,
        width: value.imageWidth,
        height: value.imageHeight,
      };
    case 'Scores':
      return { ...paged, kind: 'bars', entries: value.entries, normalized: value.normalized };
    case 'Table':
      return { ...paged, kind: 'table', columns: value.columns, rows: value.rows };
    case 'Text':
    case 'Caption':
    case 'Answer':
      return { ...paged, kind: 'text', lines: wrap(value.text) };
    case 'Labels':
      return { ...paged, kind: 'text', lines: value.labels };
    case 'Embedding': {
      const all = source.run?.items(output).map(({ value: each }) => each) ?? [];
      const rows = all.flatMap((each) => (each.kind === 'Embedding' && each.data !== undefined ? [each.data] : []));
      const text = all.length > 1 ? `${all.length} × ${value.dim} numbers` : describeValue(value);
      if (rows.length === 0) return { kind: 'line', text, page: 0, pages: 1 };
      return { kind: 'strip', rows, text, page: 0, pages: 1 };
    }
    default: {
      const text = paged.pages > 1 ? `${paged.pages} × ${describeValue(value)}` : describeValue(value);
      return { kind: 'line', text, page: 0, pages: 1 };
    }
  }
}

/** Lines as they are; longer ones broken at spaces. */
function wrap(text: string, columns = 34): string[] {
  return text.split('\n').flatMap((line) => (line.length <= columns ? [line] : wrapLine(line, columns)));
}

function wrapLine(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
