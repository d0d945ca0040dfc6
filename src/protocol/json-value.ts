/**
 * Values as JSON, for `--json`, HTTP answers and events on the wire.
 * Browser-safe leaf. Pixels never become JSON: a picture is its size and name, big tensors are their shape.
 */
import type { Dtype } from './socket.ts';
import type {
  AnswerValue,
  BoxesValue,
  CaptionValue,
  LabelsValue,
  ModelValue,
  ScoresValue,
  TableValue,
  TextValue,
  TokensValue,
  Value,
} from './value.ts';

export type JsonValue =
  | TextValue
  | TokensValue
  | LabelsValue
  | ScoresValue
  | BoxesValue
  | CaptionValue
  | AnswerValue
  | TableValue
  | ModelValue
  | { readonly kind: 'Image'; readonly width: number; readonly height: number; readonly name?: string }
  | { readonly kind: 'Video'; readonly frames: number; readonly width: number; readonly height: number }
  | {
      readonly kind: 'Tensor';
      readonly dtype: Dtype;
      readonly shape: readonly number[];
      readonly data?: readonly number[];
    }
  | { readonly kind: 'Features'; readonly seq: number; readonly dim: number; readonly data?: readonly number[] }
  | {
      readonly kind: 'Embedding';
      readonly space: string;
      readonly dim: number;
      readonly label?: string;
      readonly data?: readonly number[];
    }
  | {
      readonly kind: 'Masks';
      readonly width: number;
      readonly height: number;
      readonly masks: readonly { readonly label: string; readonly score: number; readonly area: number }[];
    };

export interface JsonOptions {
  /** Arrays with more numbers than this are left out. */
  readonly maxNumbers?: number;
}

export function valueToJson(value: Value, { maxNumbers = 4096 }: JsonOptions = {}): JsonValue {
  switch (value.kind) {
    case 'Image':
      return { kind: 'Image', width: value.width, height: value.height, ...named(value.name) };
    case 'Video':
      return {
        kind: 'Video',
        frames: value.frames.length,
        width: value.frames[0]?.width ?? 0,
        height: value.frames[0]?.height ?? 0,
      };
    case 'Tensor':
      return {
        kind: 'Tensor',
        dtype: value.dtype,
        shape: value.shape,
        ...(value.dtype === 'float16' || value.dtype === 'bfloat16' ? {} : numbers(value.data, maxNumbers)),
      };
    case 'Features':
      return { kind: 'Features', seq: value.seq, dim: value.dim, ...numbers(value.data, maxNumbers) };
    case 'Embedding':
      return {
        kind: 'Embedding',
        space: value.space,
        dim: value.data.length,
        ...(value.label === undefined ? {} : { label: value.label }),
        ...numbers(value.data, maxNumbers),
      };
    case 'Masks':
      return {
        kind: 'Masks',
        width: value.width,
        height: value.height,
        masks: value.masks.map(({ label, score, data }) => ({ label, score, area: data.reduce((a, b) => a + b, 0) })),
      };
    default:
      return value;
  }
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

function numbers(data: ArrayLike<number | bigint>, limit: number): { data?: number[] } {
  // A released value (event.ts) has no numbers left to show.
  return data.length === 0 || data.length > limit ? {} : { data: Array.from(data, Number) };
}
