/**
 * The application as the CLI and the server receive it; src/app.ts composes it.
 * Browser-safe leaf: interfaces only. Neither CLI nor server reaches below this.
 */
import type { Graph } from './graph-file.ts';
import type { ModelDetails, ModelInfo } from './model-info.ts';
import type { NodeDescriptor } from './node.ts';
import type { RuntimeApi } from './run.ts';
import type { SystemApi } from './system-report.ts';
import type { Value } from './value.ts';

export interface PullProgress {
  /** The file under way. */
  readonly file: string;
  readonly fileIndex: number;
  readonly fileCount: number;
  /** Of the whole pull, what was here before included. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface ModelsApi {
  list(): Promise<readonly ModelInfo[]>;
  /** Throws `model/not-found`. */
  info(ref: string): Promise<ModelInfo>;
  /** With what its family does and needs. Throws as `info` does. */
  details(ref: string): Promise<ModelDetails>;
  /** Downloads a repository into the cache shared with Python's huggingface_hub; resumes; checks sums. */
  pull(
    repo: string,
    options?: {
      revision?: string;
      files?: readonly string[];
      signal?: AbortSignal;
      onProgress?: (progress: PullProgress) => void;
    },
  ): Promise<{ folder: string; files: number; bytes: number; conversion?: string }>;
}

/** Checkpoints in other forms than models have. */
export interface CheckpointsApi {
  /**
   * Makes model.safetensors of a PyTorch checkpoint, in its own folder or in `output`; executes nothing. Throws
   * `input/not-found`, `input/bad-file`, `model/unsafe-checkpoint`, `input/not-writable`, `usage/bad-argument` for the key.
   */
  convert(
    path: string,
    options?: {
      output?: string;
      /** The checkpoint's entry that holds the tensors. */
      key?: string;
      signal?: AbortSignal;
      /** Bytes. */
      onProgress?: (done: number, total: number) => void;
    },
  ): Promise<{ file: string; tensors: number; bytes: number }>;
}

/** A model that a graph names, its own parameters' defaults included. */
export interface GraphModel {
  readonly ref: string;
  /** Whether its files are on this machine; whether they can be loaded is for the check of the graph. */
  readonly present: boolean;
}

export interface GraphEntry {
  /** File name without `.json`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Content hash: given back when saving, so that nobody's change is lost. */
  readonly revision: string;
  /** Saved by a person (true) or shipped with Weft (false, read-only). */
  readonly editable: boolean;
  readonly models: readonly GraphModel[];
}

export interface GraphsApi {
  list(): Promise<readonly GraphEntry[]>;
  read(name: string): Promise<GraphEntry & { graph: Graph }>;
  /** Saves deterministically. Throws `server/conflict` when `revision` is not the stored one (undefined: must be new). */
  write(name: string, graph: Graph, revision: string | undefined): Promise<GraphEntry>;
}

export interface UploadsApi {
  /** Keeps bytes that a person dropped; the returned reference (`upload:HASH.ext`) is valid wherever a source is. */
  put(bytes: Uint8Array, fileName: string): Promise<{ ref: string; width: number; height: number }>;
}

export interface PreviewsApi {
  /** A small encoded copy of a picture, of a video's first frame, or masks painted; undefined for values of other kinds. */
  encode(value: Value, maxSide: number): Promise<{ mime: string; bytes: Uint8Array } | undefined>;
}

export interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  /** Chosen at random when left out. */
  readonly token?: string;
  readonly allowOrigins?: readonly string[];
  readonly allowHosts?: readonly string[];
}

export interface ServerHandle {
  /** With the token in the fragment, which is never sent nor logged: `http://127.0.0.1:7878/#token=…`. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

export interface Application {
  readonly version: string;
  readonly runtime: RuntimeApi;
  readonly nodes: readonly NodeDescriptor[];
  readonly models: ModelsApi;
  readonly checkpoints: CheckpointsApi;
  readonly graphs: GraphsApi;
  readonly uploads: UploadsApi;
  readonly previews: PreviewsApi;
  readonly system: SystemApi;
  /** The folder the built editor lies in. */
  readonly editorFolder: string;
  serve(options?: ServeOptions): Promise<ServerHandle>;
  /** Stops runs, threads and servers. */
  close(): Promise<void>;
}
