/**
 * Socket types: what flows through a wire, with dtype, shape and, for embeddings, which space.
 * Browser-safe leaf. Only data here; comparing and resolving types is the graph layer's.
 */

export type Dtype = 'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'uint8' | 'bool';

/** A number is fixed, a name is a variable bound once per node (two uses must agree), null is anything. */
export type Dim = number | string | null;

/**
 * The space an embedding lives in: the identity of the checkpoint that made it.
 * In a node's declaration it may come from a model parameter, or be a variable that two sockets share.
 */
export type SpaceRef = string | { readonly param: string } | { readonly variable: string };

export type SocketType =
  | { readonly kind: 'Any' }
  | { readonly kind: 'Image' }
  | { readonly kind: 'Video' }
  | { readonly kind: 'Text' }
  | { readonly kind: 'Tokens' }
  | { readonly kind: 'Features'; readonly seq?: Dim; readonly dim?: Dim }
  | { readonly kind: 'Embedding'; readonly space?: SpaceRef; readonly dim?: Dim }
  | { readonly kind: 'Tensor'; readonly dtype?: Dtype; readonly shape?: readonly Dim[] }
  | { readonly kind: 'Labels' }
  | { readonly kind: 'Scores' }
  | { readonly kind: 'Boxes' }
  | { readonly kind: 'Masks' }
  | { readonly kind: 'Caption' }
  | { readonly kind: 'Answer' }
  | { readonly kind: 'Table' }
  | { readonly kind: 'Model'; readonly model: string };

export type SocketKind = SocketType['kind'];

/** A type as people read it: `Embedding<zoo/clip-shapes>[128]`, `Tensor<float32, 3 x 64 x 64>`. */
export function formatSocketType(type: SocketType): string {
  switch (type.kind) {
    case 'Embedding':
      return `Embedding${type.space === undefined ? '' : `<${formatSpace(type.space)}>`}${formatShape([type.dim])}`;
    case 'Features':
      return `Features${formatShape([type.seq, type.dim])}`;
    case 'Tensor': {
      const shape = type.shape === undefined ? '' : `, ${type.shape.map((dim) => dim ?? '?').join(' x ')}`;
      return type.dtype === undefined && shape === '' ? 'Tensor' : `Tensor<${type.dtype ?? 'any'}${shape}>`;
    }
    case 'Model':
      return `Model<${type.model}>`;
    default:
      return type.kind;
  }
}

function formatSpace(space: SpaceRef): string {
  if (typeof space === 'string') return space;
  return 'param' in space ? `of ${space.param}` : space.variable;
}

function formatShape(dims: readonly (Dim | undefined)[]): string {
  return dims.every((dim) => dim === undefined) ? '' : `[${dims.map((dim) => dim ?? '?').join(', ')}]`;
}
