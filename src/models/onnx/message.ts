/**
 * What the main thread and an ONNX thread say to each other. Types only, so that both sides agree.
 * Every ArrayBuffer in a message is in its transfer list: it moves, it is not copied.
 */
import type { ErrorDetails } from '../../errors.ts';
import type { Dim, Dtype } from '../../protocol/socket.ts';
import type { TensorData } from '../../protocol/value.ts';

/** Element types of ONNX Runtime that Weft can feed and fetch. */
export type ElementType =
  | 'float32'
  | 'float16'
  | 'float64'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'uint32'
  | 'int16'
  | 'uint16'
  | 'int8'
  | 'uint8'
  | 'bool';

/** One input or output of a session. */
export interface OnnxPort {
  readonly name: string;
  /** As tensors on Weft's side of it are; narrower or wider element types are converted in the thread. */
  readonly dtype: Dtype;
  readonly element: ElementType;
  /** A name is a dimension that may change from call to call, null one without a name. */
  readonly shape: readonly Dim[];
}

export interface OnnxMetadata {
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

/** A file beside the model that holds weights of it, as it was when the model was loaded. */
export interface ExternalFile {
  /** Real path. */
  readonly path: string;
  /** As of file-state.ts. */
  readonly state: string;
}

export interface SessionSettings {
  /** Threads of one operator. */
  readonly threads: number;
  readonly optimization: 'all' | 'basic' | 'disabled';
}

/** A tensor for an input. */
export interface WireFeed extends WireTensor {
  /** Rows of its first axis to take instead of all, in this order: texts that were reordered. The thread copies them. */
  readonly rows?: readonly number[];
}

export interface WireTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type OnnxRequest =
  | {
      readonly kind: 'load';
      readonly session: number;
      readonly path: string;
      readonly model: string;
      readonly settings: SessionSettings;
    }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly model: string;
      readonly feeds: readonly WireFeed[];
      readonly outputs: readonly string[];
      /** Outputs of these that are float16 come as float32. */
      readonly widened: readonly string[];
      /** Inputs whose tensors come back, with the rows that were taken: what the next run needs again moves, and is not copied. */
      readonly returned: readonly string[];
    }
  | { readonly kind: 'release'; readonly session: number }
  /** The last one: the thread ends without an answer. */
  | { readonly kind: 'close' };

export type OnnxReply =
  | { readonly kind: 'loaded'; readonly metadata: OnnxMetadata; readonly external: readonly ExternalFile[] }
  | { readonly kind: 'outputs'; readonly outputs: readonly WireTensor[] }
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly code: string; readonly details: ErrorDetails };

/** What a thread is given when it starts. */
export interface ThreadData {
  /** One shared number: 1 while a request is under way. The main thread sets it, the thread clears and notifies it. */
  readonly busy: Int32Array;
}
