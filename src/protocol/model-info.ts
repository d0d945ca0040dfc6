/** What the editor, the validator and the CLI need to know about a model. Browser-safe leaf: data only. */

export interface ModelInfo {
  /** How graphs name it: `zoo/clip-shapes`, `openai/clip-vit-base-patch32`, or a path. */
  readonly ref: string;
  /** `clip`, `onnx`, … : the family that can load it. */
  readonly family: string;
  readonly source: 'zoo' | 'hub' | 'folder';
  /** The embedding space it makes: its identity, equal for the same weights wherever they lie. */
  readonly space?: string;
  /** Width of its embeddings. */
  readonly dim?: number;
  /** Height and width of the pictures it takes, pixels. */
  readonly imageSize?: readonly [number, number];
  readonly bytes: number;
  /** SHA-256 over its files' contents, hex. */
  readonly hash: string;
}

/** Answers whether a model is here; the validator gets one prepared for the graph at hand. */
export type ModelLookup = (ref: string) => ModelInfo | undefined;
