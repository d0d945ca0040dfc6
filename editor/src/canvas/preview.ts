/**
 * What a node shows of its results, as data: chosen here, measured by node-geometry, drawn by draw-preview. Pure.
 */
import type { Box, NodeDescriptor, ScoreEntry, SocketKind } from '../../../src/protocol/index.ts';
import type { Picture } from '../run/pictures.ts';
import type { ItemResult, NodeRun } from '../run/run-state.ts';
import { type TracePage, tracePages } from '../run/trace-pages.ts';
import { describeValue } from '../run/value-text.ts';
import { ANSWER_BARS, RESULT_LINES } from './node-geometry.ts';

interface Paged {
  /** Which of `pages` items is shown, from 0. */
  readonly page: number;
  readonly pages: number;
  /** Name of the item shown. */
  readonly caption?: string;
}

export type Preview = Paged &
  (
    | {
        readonly kind: 'placeholder';
        readonly of: SocketKind;
        readonly isSource?: boolean;
        readonly isTraced?: boolean;
      }
    | {
        readonly kind: 'picture';
        readonly picture: Picture;
        /** Seen through what is transparent in the picture. */
        readonly behind?: Picture | undefined;
        /** What its colours mean, best first. */
        readonly legend?: readonly ScoreEntry[];
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
    /** `most`: not more bars than this, in the room of a text. */
    | {
        readonly kind: 'bars';
        readonly entries: readonly ScoreEntry[];
        readonly normalized: boolean;
        readonly most?: number;
      }
    /** Results have their own height, however long they are: a node must not grow over its neighbours. */
    | { readonly kind: 'text'; readonly lines: readonly string[]; readonly isResult?: boolean }
    | {
        readonly kind: 'table';
        readonly columns: readonly string[];
        readonly rows: readonly (readonly (string | number | null)[])[];
      }
    /** One step of decoding; the pages are its steps. */
    | { readonly kind: 'trace'; readonly shown: TracePage }
    /** Embeddings as rows of colour. */
    | { readonly kind: 'strip'; readonly rows: readonly (readonly number[])[]; readonly text: string }
    | { readonly kind: 'line'; readonly text: string }
  );

export interface PreviewSource {
  readonly descriptor: NodeDescriptor;
  readonly run: NodeRun | undefined;
  /** Which item is shown, or which step of a trace; left out: the first item, the latest step. */
  readonly page: number | undefined;
  /** What an output carries here, in words, for the time before the first run. */
  typeText(output: string): string;
  /** Texts given as a parameter, shown at once. */
  readonly texts: readonly string[] | undefined;
  /** The node's own preview picture. */
  picture(output: string, index: number): Picture | undefined;
  /** The picture that boxes and masks of this item lie on. */
  pictureBehind(index: number): Picture | undefined;
}

const WRITTEN: ReadonlySet<SocketKind> = new Set(['Text', 'Caption', 'Answer']);
const NOTHING: ReadonlySet<SocketKind> = new Set(['Text', 'Any', 'Model', 'Tokens', 'Labels']);

export function previewOf(source: PreviewSource): Preview | undefined {
  const { descriptor, run } = source;
  if (source.texts !== undefined) return { kind: 'text', lines: source.texts, page: 0, pages: 1 };
  const outputs = Object.keys(descriptor.outputs);
  const steps = run === undefined ? [] : tracePages(run, outputs);
  if (steps.length > 0) return previewOfTrace(steps, source.page);
  const written = run === undefined ? undefined : whileWritten(descriptor, run);
  if (written !== undefined) return written;
  for (const output of outputs) {
    const items = run?.items(output) ?? [];
    const page = Math.min(source.page ?? 0, items.length - 1);
    const item = items[page];
    if (item === undefined) continue;
    const paged = { page, pages: items.length, ...(item.key === undefined ? {} : { caption: item.key }) };
    return previewOfValue(item, output, source, paged);
  }
  const [first] = Object.entries(descriptor.outputs);
  return first === undefined ? undefined : beforeRun(source, first[0], first[1].type.kind);
}

function previewOfTrace(steps: readonly TracePage[], wanted: number | undefined): Preview {
  const page = Math.min(wanted ?? steps.length - 1, steps.length - 1);
  const shown = steps[page]!;
  return { kind: 'trace', shown, page, pages: steps.length, caption: shown.key ?? 'steps' };
}

/** A text word by word: a node that writes tells what it has so far as its progress. */
function whileWritten({ outputs }: NodeDescriptor, run: NodeRun): Preview | undefined {
  const [first] = Object.values(outputs);
  const note = run.status === 'running' ? run.progress?.note : undefined;
  if (note === undefined || first === undefined || !WRITTEN.has(first.type.kind)) return undefined;
  return { kind: 'text', lines: wrap(`${note} ▍`).slice(-RESULT_LINES), isResult: true, page: 0, pages: 1 };
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
  const isTraced =
    WRITTEN.has(kind) && Object.values(source.descriptor.outputs).some(({ type }) => type.kind === 'Table');
  if (isTraced) return { ...single, kind: 'placeholder', of: kind, isTraced };
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
      const legend = [...value.masks].sort((a, b) => b.score - a.score);
      return { ...paged, kind: 'picture', picture: own, behind: source.pictureBehind(index), legend, width, height };
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
    case 'Answer':
      if (value.alternatives !== undefined && value.alternatives.length > 1) {
        return { ...paged, kind: 'bars', entries: value.alternatives, normalized: true, most: ANSWER_BARS };
      }
      return { ...paged, kind: 'text', lines: wrap(value.text), isResult: true };
    case 'Text':
    case 'Caption':
      return { ...paged, kind: 'text', lines: wrap(value.text), isResult: true };
    case 'Labels':
      return { ...paged, kind: 'text', lines: value.labels, isResult: true };
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
