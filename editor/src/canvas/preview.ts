/**
 * What a node shows of its results, as data: chosen here, measured by node-geometry, drawn by draw-preview. Pure.
 */
import type { Box, JsonValue, NodeDescriptor, ScoreEntry, SocketKind } from '../../../src/protocol/index.ts';
import type { Picture } from '../run/pictures.ts';
import type { NodeRun } from '../run/run-state.ts';
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
    | { readonly kind: 'placeholder'; readonly of: SocketKind }
    | { readonly kind: 'picture'; readonly picture: Picture; readonly width: number; readonly height: number }
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
    | { readonly kind: 'strip'; readonly data: readonly number[]; readonly text: string }
    | { readonly kind: 'line'; readonly text: string }
  );

export interface PreviewSource {
  readonly descriptor: NodeDescriptor;
  readonly run: NodeRun | undefined;
  /** Which item is shown. */
  readonly page: number;
  /** The node's own preview picture. */
  picture(output: string, index: number): Picture | undefined;
  /** The picture that boxes of this item lie on. */
  pictureBehind(index: number): Picture | undefined;
}

/** Results worth a placeholder before the first run, so that a newcomer sees what will appear where. */
const SHOWN_BEFORE_RUN: ReadonlySet<SocketKind> = new Set([
  'Image',
  'Boxes',
  'Scores',
  'Table',
  'Caption',
  'Answer',
  'Masks',
]);

export function previewOf(source: PreviewSource): Preview | undefined {
  const { descriptor, run } = source;
  for (const output of Object.keys(descriptor.outputs)) {
    const items = run?.items(output) ?? [];
    if (items.length === 0) continue;
    const page = Math.min(source.page, items.length - 1);
    const item = items[page];
    if (item === undefined) continue;
    const paged = { page, pages: items.length, ...(item.key === undefined ? {} : { caption: item.key }) };
    return previewOfValue(item.value, item.index, output, source, paged, items.length);
  }
  for (const [output, { type }] of Object.entries(descriptor.outputs)) {
    const local = type.kind === 'Image' ? source.picture(output, 0) : undefined;
    if (local !== undefined) {
      const { naturalWidth = 0, naturalHeight = 0 } = local.image ?? {};
      return { kind: 'picture', picture: local, width: naturalWidth, height: naturalHeight, page: 0, pages: 1 };
    }
    if (SHOWN_BEFORE_RUN.has(type.kind)) return { kind: 'placeholder', of: type.kind, page: 0, pages: 1 };
  }
  return undefined;
}

function previewOfValue(
  value: JsonValue,
  index: number,
  output: string,
  source: PreviewSource,
  paged: Paged,
  items: number,
): Preview {
  const own = source.picture(output, index);
  switch (value.kind) {
    case 'Image':
      if (own === undefined) return { ...paged, kind: 'line', text: describeValue(value) };
      return { ...paged, kind: 'picture', picture: own, width: value.width, height: value.height };
    case 'Video':
    case 'Masks':
      if (own === undefined) return { ...paged, kind: 'line', text: describeValue(value) };
      return { ...paged, kind: 'picture', picture: own, width: value.width, height: value.height };
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
    case 'Text': {
      // A list of texts reads better as one list than page by page.
      const texts = source.run?.items(output).map((item) => describeValue(item.value)) ?? [];
      if (items > 1) return { kind: 'text', lines: texts, page: 0, pages: 1 };
      return { ...paged, kind: 'text', lines: wrap(value.text) };
    }
    case 'Caption':
    case 'Answer':
      return { ...paged, kind: 'text', lines: wrap(value.text) };
    case 'Labels':
      return { ...paged, kind: 'text', lines: value.labels };
    case 'Embedding':
      if (value.data === undefined) return { ...paged, kind: 'line', text: describeValue(value) };
      return { ...paged, kind: 'strip', data: value.data, text: describeValue(value) };
    default: {
      const text = items > 1 ? `${items} × ${describeValue(value)}` : describeValue(value);
      return { kind: 'line', text, page: 0, pages: 1 };
    }
  }
}

function wrap(text: string, columns = 36): string[] {
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
