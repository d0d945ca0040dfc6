/** The shape of a preprocessing case.json, as its generator writes it. Types only. */

export interface DecodeEntry {
  readonly key: string;
  readonly image: string;
  readonly quirk?: string;
}

export interface ResizeEntry {
  readonly key: string;
  readonly image: string;
  /** Pillow's mode of what is resized; RGB means decoded, oriented and converted first. */
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  readonly filter: string;
  readonly reducing_gap: number | null;
  readonly box: readonly [number, number, number, number] | null;
}

export interface ProcessorOutput {
  readonly key?: string;
  readonly quirk?: string;
  readonly error?: string;
}

export interface ProcessorEntry {
  readonly name: string;
  readonly images: readonly string[];
  readonly input: string;
  readonly preprocessor_config?: Readonly<Record<string, unknown>>;
  /** Options given to the call, which override the configuration. */
  readonly call?: Readonly<Record<string, unknown>>;
  readonly batch?: boolean;
  readonly frames?: { readonly width: number; readonly height: number; readonly step: number; readonly count: number };
  /** By picture, or by field for a batch. */
  readonly outputs: Readonly<Record<string, ProcessorOutput>>;
  readonly error?: string;
}

export interface PreprocessCase {
  readonly tolerance?: { readonly atol: number; readonly rtol: number };
  readonly decode?: readonly DecodeEntry[];
  readonly resize?: readonly ResizeEntry[];
  readonly processors?: readonly ProcessorEntry[];
}
