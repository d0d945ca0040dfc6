/**
 * Values: what really flows while a graph runs, one interface per socket kind.
 * Browser-safe leaf: data only. Arrays are owned by V8, so they may be transferred to a thread; only
 * the bytes of pictures may be external memory (the decoder's), and those are never put in a transfer list.
 */
import type { Dtype, SocketKind } from './socket.ts';

export interface ImageValue {
  readonly kind: 'Image';
  /** 8-bit RGB, interleaved, row-major: width * height * 3 bytes. May be external memory: post it, never transfer it. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Where it came from, to name results: a file name, never a full path. */
  readonly name?: string;
}

export interface VideoValue {
  readonly kind: 'Video';
  readonly frames: readonly ImageValue[];
  readonly fps?: number;
  readonly name?: string;
}

export interface TextValue {
  readonly kind: 'Text';
  readonly text: string;
  /** What the text stands for, when it is a prompt made from a label ("a photo of a cat" -> "cat"). */
  readonly label?: string;
}

export interface TokensValue {
  readonly kind: 'Tokens';
  readonly ids: readonly number[];
  readonly mask?: readonly number[];
}

export type TensorData = Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;

/** The array that holds each dtype. */
export const TENSOR_ARRAYS: Readonly<Record<Dtype, new (length: number) => TensorData>> = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

export interface TensorValue {
  readonly kind: 'Tensor';
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Row-major; float16 and bfloat16 as their bits in a Uint16Array, bool as 0/1 bytes. */
  readonly data: TensorData;
  /** The picture this tensor was made from, where there is one: it lets heads map boxes back to it. */
  readonly origin?: TensorOrigin;
}

export interface TensorOrigin {
  /** Pixels of the original picture. */
  readonly width: number;
  readonly height: number;
  readonly name?: string;
  /** Where the whole picture came to lie in the grid of pixels a model saw: outside it where cropped, smaller where padded. */
  readonly placement?: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly gridWidth: number;
    readonly gridHeight: number;
  };
}

export interface FeaturesValue {
  readonly kind: 'Features';
  /** float32 [seq, dim]. */
  readonly data: Float32Array;
  readonly seq: number;
  readonly dim: number;
}

export interface EmbeddingValue {
  readonly kind: 'Embedding';
  /** Identity of the checkpoint whose space this is. */
  readonly space: string;
  /** float32 [dim], as projected, not normalised. */
  readonly data: Float32Array;
  /** What was embedded: the label or text, or the picture's name. */
  readonly label?: string;
  /** exp(logit_scale) of the space, where the checkpoint has one. */
  readonly logitScale?: number;
}

export interface LabelsValue {
  readonly kind: 'Labels';
  readonly labels: readonly string[];
}

export interface ScoreEntry {
  readonly label: string;
  /** In [0, 1] when `normalized`, else a similarity. */
  readonly score: number;
}

export interface ScoresValue {
  readonly kind: 'Scores';
  /** Best first. */
  readonly entries: readonly ScoreEntry[];
  readonly normalized: boolean;
  /** What was scored: a picture's name or a query text. */
  readonly subject?: string;
}

export interface Box {
  /** Pixels of the original picture, top left corner and size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly score: number;
}

export interface BoxesValue {
  readonly kind: 'Boxes';
  readonly boxes: readonly Box[];
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly subject?: string;
}

export interface MasksValue {
  readonly kind: 'Masks';
  readonly width: number;
  readonly height: number;
  readonly masks: readonly {
    readonly label: string;
    readonly score: number;
    /** Row-major, width * height: 1 inside, 0 outside. */
    readonly data: Uint8Array;
  }[];
}

export interface CaptionValue {
  readonly kind: 'Caption';
  readonly text: string;
  readonly score?: number;
}

export interface AnswerValue {
  readonly kind: 'Answer';
  readonly text: string;
  readonly score?: number;
  readonly alternatives?: readonly ScoreEntry[];
}

export interface TableValue {
  readonly kind: 'Table';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface ModelValue {
  readonly kind: 'Model';
  readonly model: string;
  readonly ref: string;
}

export type Value =
  | ImageValue
  | VideoValue
  | TextValue
  | TokensValue
  | TensorValue
  | FeaturesValue
  | EmbeddingValue
  | LabelsValue
  | ScoresValue
  | BoxesValue
  | MasksValue
  | CaptionValue
  | AnswerValue
  | TableValue
  | ModelValue;

/** The value type of a socket kind; `Any` accepts every value. */
export type ValueOf<K extends SocketKind> = K extends 'Any' ? Value : Extract<Value, { kind: K }>;
