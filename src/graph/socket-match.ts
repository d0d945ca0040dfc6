/**
 * Whether a value of one socket type may go into a socket of another, and what that binds.
 * Pure; no node: imports. Declared types may hold variables and parameters; actual ones are resolved.
 */
import type { Dim, SocketKind, SocketType } from '../protocol/socket.ts';

/** What the links into one node have fixed so far, and what its parameters fix. */
export interface Bindings {
  readonly dims: Map<string, number>;
  readonly spaces: Map<string, string>;
  /** The space that a model parameter stands for, when its model is known. */
  readonly spaceOf: (param: string) => string | undefined;
}

export type Mismatch = 'kind' | 'shape' | 'space';

/** Captions and answers are texts with a score; `Any` takes everything. */
export function isKindAssignable(actual: SocketKind, declared: SocketKind): boolean {
  if (actual === declared || declared === 'Any') return true;
  return declared === 'Text' && (actual === 'Caption' || actual === 'Answer');
}

/** What does not fit, or undefined; binds the variables of `declared`. */
export function matchSocket(declared: SocketType, actual: SocketType, bindings: Bindings): Mismatch | undefined {
  if (!isKindAssignable(actual.kind, declared.kind)) return 'kind';
  if (declared.kind === 'Model' && actual.kind === 'Model') return declared.model === actual.model ? undefined : 'kind';
  if (declared.kind === 'Tensor' && actual.kind === 'Tensor') {
    if (declared.dtype !== undefined && actual.dtype !== undefined && declared.dtype !== actual.dtype) return 'kind';
    return matchShape(declared.shape, actual.shape, bindings) ? undefined : 'shape';
  }
  if (declared.kind === 'Features' && actual.kind === 'Features') {
    const fits = matchShape(
      [declared.seq ?? null, declared.dim ?? null],
      [actual.seq ?? null, actual.dim ?? null],
      bindings,
    );
    return fits ? undefined : 'shape';
  }
  if (declared.kind === 'Embedding' && actual.kind === 'Embedding') {
    // Two spaces of different width differ in the first place by being two spaces: that is the error to tell.
    if (!matchSpace(declared, actual, bindings)) return 'space';
    return matchShape([declared.dim ?? null], [actual.dim ?? null], bindings) ? undefined : 'shape';
  }
  return undefined;
}

type EmbeddingType = Extract<SocketType, { kind: 'Embedding' }>;

function matchSpace(declared: EmbeddingType, actual: EmbeddingType, bindings: Bindings): boolean {
  if (typeof actual.space !== 'string' || declared.space === undefined) return true;
  const expected = spaceName(declared, bindings);
  if (expected !== undefined) return expected === actual.space;
  if (typeof declared.space === 'object' && 'variable' in declared.space) {
    bindings.spaces.set(declared.space.variable, actual.space);
  }
  return true;
}

function spaceName({ space }: EmbeddingType, { spaces, spaceOf }: Bindings): string | undefined {
  if (space === undefined || typeof space === 'string') return space;
  return 'param' in space ? spaceOf(space.param) : spaces.get(space.variable);
}

function matchShape(
  declared: readonly Dim[] | undefined,
  actual: readonly Dim[] | undefined,
  { dims }: Bindings,
): boolean {
  if (declared === undefined || actual === undefined) return true;
  if (declared.length !== actual.length) return false;
  return declared.every((dim, index) => {
    const size = actual[index];
    if (dim === null || typeof size !== 'number') return true;
    const expected = typeof dim === 'number' ? dim : dims.get(dim);
    if (expected !== undefined) return expected === size;
    dims.set(dim as string, size);
    return true;
  });
}

/** A declared type with every variable replaced by what is bound, or left open. */
export function substitute(declared: SocketType, bindings: Bindings): SocketType {
  const size = (dim: Dim): number | null => (typeof dim === 'string' ? (bindings.dims.get(dim) ?? null) : dim);
  switch (declared.kind) {
    case 'Tensor':
      return declared.shape === undefined ? declared : { ...declared, shape: declared.shape.map(size) };
    case 'Features': {
      const { seq, dim } = declared;
      return {
        kind: 'Features',
        ...(seq === undefined ? {} : { seq: size(seq) }),
        ...(dim === undefined ? {} : { dim: size(dim) }),
      };
    }
    case 'Embedding': {
      const space = spaceName(declared, bindings);
      const { dim } = declared;
      return {
        kind: 'Embedding',
        ...(space === undefined ? {} : { space }),
        ...(dim === undefined ? {} : { dim: size(dim) }),
      };
    }
    default:
      return declared;
  }
}
