/**
 * Finds and loads the native addon, once, and opens it with the environment's choices (WEFT_ISA, WEFT_THREADS,
 * WEFT_MEMORY).
 * The only file that touches a .node file. Must not fall back: a failure is an error with its remedy.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WeftError } from '../errors.ts';
import type { BatchNormSpec } from './convolution-spec.ts';
import { readMemoryLimit, readThreads } from './environment.ts';
import { errorText } from './native-error.ts';
import type { ActivationName, LinearSpec, Precision, StackSpec, WeightSource } from './stack-spec.ts';

/** A started operator: the promise settles when the last thread has let go of its buffers. */
export interface NativeOperation<Result = void> {
  readonly promise: Promise<Result>;
  cancel(): void;
}

/** A run of a stack as native/addon/read_stack_input.cpp reads it. */
export interface NativeStackInput {
  readonly batch: number;
  readonly length: number;
  readonly ids?: BigInt64Array;
  readonly positions?: BigInt64Array;
  readonly segments?: BigInt64Array;
  readonly pixels?: Float32Array;
  readonly pictureHeight?: number;
  readonly pictureWidth?: number;
  readonly rows?: NativeHandle<'tensor'>;
  readonly keyBias?: Float32Array;
  readonly bias?: readonly NativeHandle<'tensor'>[];
  readonly prefix?: number;
  readonly memories?: readonly {
    readonly rows: NativeHandle<'tensor'>;
    readonly keyBias?: Float32Array;
    readonly bias?: NativeHandle<'tensor'>;
  }[];
  readonly headRows?: Uint32Array;
  readonly cache?: NativeHandle<'cache'>;
  readonly tree?: NativeHandle<'cache'>;
  readonly hiddenStates: readonly number[];
  readonly wantHidden: boolean;
  readonly wantHead: boolean;
}

export interface NativeTensorResult {
  readonly handle: NativeHandle<'tensor'>;
  readonly shape: number[];
}

export interface NativeStackResult {
  readonly hidden?: NativeTensorResult;
  readonly head?: NativeTensorResult;
  readonly hiddenStates: readonly NativeTensorResult[];
}

/** One picture as native/addon/read_plan.cpp reads it. */
export interface NativePictureRequest {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly resize?: {
    readonly width: number;
    readonly height: number;
    readonly filter: number;
    readonly box: readonly [number, number, number, number];
    readonly reducingGap: number;
  };
  readonly crop: NativeRectangle;
  readonly bytes?: Uint8Array;
  readonly floats?: Float32Array;
  readonly canvas?: NativeRectangle;
  readonly canvasValue?: number;
  readonly factor?: number;
  readonly offset?: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

export interface NativeRectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An object of the addon that only the addon can use; see native/addon/handle.h. */
export type NativeHandle<Kind extends string> = object & { readonly kind?: Kind };

/** One tensor of a weight file, as native/addon/weight_operators.cpp describes it. */
export interface NativeStoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

/** What was done, in operations or bytes, and how long it took. */
export interface NativeThroughput {
  readonly amount: number;
  readonly seconds: number;
}

/** Memory of the addon's buffers, in bytes. */
export interface NativeMemory {
  /** In tensors, packed weights, caches and scratch memory. */
  readonly used: number;
  /** The most that was used at once. */
  readonly peak: number;
  /** Freed, and waiting for the next request of its size. */
  readonly kept: number;
  /** Most bytes used and kept together; beyond it requests are refused. */
  readonly limit: number;
}

/** An axis of a convolution: kernel, stride, dilation, padding before, padding after, extra pixels (transposed only). */
export type NativeConvolutionAxis = readonly [number, number, number, number, number, number];

/** A convolution as native/addon/convolution_operators.cpp reads it. */
export interface NativeConvolutionSpec {
  readonly transposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
  readonly y: NativeConvolutionAxis;
  readonly x: NativeConvolutionAxis;
  readonly weight: WeightSource;
  readonly bias?: WeightSource | undefined;
  readonly norm?: BatchNormSpec | undefined;
  readonly activation: ActivationName;
}

/** A mask as native/addon/plane_operators.cpp encodes it. */
export interface NativeMaskRuns {
  readonly counts: Uint32Array<ArrayBuffer>;
  readonly area: number;
  readonly box: [number, number, number, number];
}

/** A tensor of an open file, which stays there. */
export interface NativeStoredRows {
  readonly file: { readonly handle: NativeHandle<'weights'> };
  readonly name: string;
}

/** Rows that are zero but in few places, as native/addon/sparse_operators.cpp reads them: [rows, best] each. */
export interface NativeSparseRows {
  readonly rows: number;
  readonly best: number;
  readonly places: Int32Array;
  readonly values: Float32Array;
}

export interface NativeNearestRows {
  readonly scores: Float32Array<ArrayBuffer>;
  readonly places: Int32Array<ArrayBuffer>;
}

type TensorHandle = NativeHandle<'tensor'>;

/** Operators on tensors, each on its own. */
export interface NativeTensorOperators {
  normaliseRows(
    tensor: TensorHandle,
    norm: { kind: 'layer' | 'rms'; weight?: TensorHandle; bias?: TensorHandle; epsilon: number },
  ): NativeOperation<NativeTensorResult>;
  softmaxRows(tensor: TensorHandle): NativeOperation<NativeTensorResult>;
  l2NormaliseRows(tensor: TensorHandle, epsilon: number): NativeOperation<NativeTensorResult>;
  activateRows(tensor: TensorHandle, activation: ActivationName): NativeOperation<NativeTensorResult>;
  argmaxRows(tensor: TensorHandle): NativeOperation<Int32Array<ArrayBuffer>>;
  gatherRows(tensor: TensorHandle, rows: Int32Array, shape: readonly number[]): NativeOperation<NativeTensorResult>;
  concatTensors(tensors: readonly TensorHandle[], axis: number): NativeOperation<NativeTensorResult>;
  permuteAxes(tensor: TensorHandle, axes: readonly number[]): NativeOperation<NativeTensorResult>;
  addTensors(a: TensorHandle, b: TensorHandle, scale: number): NativeOperation<NativeTensorResult>;
  multiplyTensors(a: TensorHandle, b: TensorHandle): NativeOperation<NativeTensorResult>;
  meanAxis(tensor: TensorHandle, axis: number): NativeOperation<NativeTensorResult>;
  buildLinear(
    spec: LinearSpec,
    precision: Precision,
  ): NativeOperation<{ handle: NativeHandle<'linear'>; inputs: number; outputs: number; bytes: number }>;
  runLinear(
    linear: NativeHandle<'linear'>,
    tensor: TensorHandle,
    options: { activation: ActivationName; residual?: TensorHandle },
  ): NativeOperation<NativeTensorResult>;
  releaseLinear(linear: NativeHandle<'linear'>): void;
  buildConvolution(
    spec: NativeConvolutionSpec,
    precision: Precision,
  ): NativeOperation<{ handle: NativeHandle<'convolution'> }>;
  runConvolution(
    convolution: NativeHandle<'convolution'>,
    tensor: TensorHandle,
    options: { layout: 'nchw' | 'nhwc'; residual?: TensorHandle },
  ): NativeOperation<NativeTensorResult>;
  releaseConvolution(convolution: NativeHandle<'convolution'>): void;
  attendRows(request: {
    query: TensorHandle;
    key: TensorHandle;
    value: TensorHandle;
    heads: number;
    keyHeads: number;
    scale: number;
    causal: boolean;
    causalOffset: number;
    prefix: number;
    keyBias?: TensorHandle;
    bias?: TensorHandle;
  }): NativeOperation<NativeTensorResult>;
  resizePlanes(
    tensor: TensorHandle,
    options: { height: number; width: number; interpolation: string; alignCorners: boolean },
  ): NativeOperation<NativeTensorResult>;
  encodeMasks(tensor: TensorHandle, threshold: number): NativeOperation<NativeMaskRuns[]>;
  cosineTopK(queries: TensorHandle, matrix: TensorHandle, count: number): NativeOperation<NativeNearestRows>;
  storedTopK(
    queries: TensorHandle,
    parts: readonly { rows: NativeStoredRows; norms?: NativeStoredRows }[],
    count: number,
  ): NativeOperation<NativeNearestRows>;
  sharpenRows(request: {
    values: Float32Array;
    rows: number;
    best: number;
    power: number;
  }): NativeOperation<Float32Array<ArrayBuffer>>;
  sparseDots(request: {
    left: NativeSparseRows;
    right: NativeSparseRows;
    columns: number;
  }): NativeOperation<Float32Array<ArrayBuffer>>;
  suppressBoxes(request: {
    boxes: Float32Array;
    scores: Float32Array;
    classes?: Int32Array;
    overlap: number;
    leastScore: number;
    most?: number;
  }): NativeOperation<Int32Array<ArrayBuffer>>;
  sampleTokens(
    logits: TensorHandle,
    options: {
      temperature: number;
      topK: number;
      topP: number;
      repetitionPenalty: number;
      histories?: readonly Int32Array[];
      seed: number;
      draw: number;
    },
  ): NativeOperation<Int32Array<ArrayBuffer>>;
}

/** The operators of the addon. */
export interface NativeOperators extends NativeTensorOperators {
  memoryUsage(): NativeMemory;
  preprocess(requests: readonly NativePictureRequest[]): NativeOperation;
  openWeights(
    path: string,
  ): NativeOperation<{ readonly handle: NativeHandle<'weights'>; readonly count: number; readonly bytes: number }>;
  listWeights(handle: NativeHandle<'weights'>, first: number, count: number): NativeStoredTensor[];
  readWeights(handle: NativeHandle<'weights'>, name: string, target: Uint8Array | Float32Array): NativeOperation;
  closeWeights(handle: NativeHandle<'weights'>): void;
  identifyWeights(handle: NativeHandle<'weights'>, hash: string): void;
  setPackedCache(folder: string, mostBytes: number): void;
  storePacked(): NativeOperation;
  measureMultiplyAdds(operations: number): NativeOperation<NativeThroughput>;
  measureMatrixProducts(precision: Precision, operations: number): NativeOperation<NativeThroughput>;
  measureReading(tensor: NativeHandle<'tensor'>): NativeOperation<NativeThroughput>;
  tensorFrom(data: Float32Array, shape: readonly number[]): NativeHandle<'tensor'>;
  tensorRead(tensor: NativeHandle<'tensor'>, into: Float32Array): void;
  tensorReshape(tensor: NativeHandle<'tensor'>, shape: readonly number[]): NativeHandle<'tensor'>;
  tensorRelease(tensor: NativeHandle<'tensor'>): void;
  buildStack(spec: StackSpec, precision: Precision): NativeOperation<{ handle: NativeHandle<'stack'>; bytes: number }>;
  runStack(stack: NativeHandle<'stack'>, input: NativeStackInput): NativeOperation<NativeStackResult>;
  releaseStack(stack: NativeHandle<'stack'>): void;
  newCache(stack: NativeHandle<'stack'>, batch: number): NativeHandle<'cache'>;
  newTree(cache: NativeHandle<'cache'>, branches: number): NativeHandle<'cache'>;
  forkCache(cache: NativeHandle<'cache'>): NativeHandle<'cache'>;
  readCache(
    cache: NativeHandle<'cache'>,
    attention: number,
  ): { readonly keys: NativeTensorResult; readonly values: NativeTensorResult };
  cacheState(held: NativeHandle<'cache'>): { batch: number; length: number };
  cropCache(cache: NativeHandle<'cache'>, length: number): void;
  reorderCache(cache: NativeHandle<'cache'>, items: Uint32Array): void;
  clearTree(tree: NativeHandle<'cache'>, branches: number): void;
  commitTree(tree: NativeHandle<'cache'>, branch: number, count: number): void;
  releaseCache(held: NativeHandle<'cache'>): void;
}

interface NativeModule extends NativeOperators {
  available(): string[];
  open(isa: string, threads: number | undefined, memoryLimit: number): { isa: string; threads: number };
}

/** The addon, opened: what it chose and its operators. */
export interface NativeAddon extends NativeOperators {
  readonly isa: string;
  readonly available: readonly string[];
  readonly threads: number;
}

let opened: NativeAddon | undefined;

/**
 * The addon; the first call loads it. Throws `native/load-failed`, `native/bad-isa`, `native/bad-threads`,
 * `native/bad-memory`.
 */
export function nativeAddon(): NativeAddon {
  opened ??= open(load());
  return opened;
}

function open(module: NativeModule): NativeAddon {
  const available = module.available();
  const isa = process.env.WEFT_ISA ?? '';
  if (isa !== '' && !available.includes(isa)) throw new WeftError('native/bad-isa', { available, received: isa });
  const chosen = openModule(module, isa);
  const { available: _available, open: _open, ...operators } = module;
  return { ...operators, ...chosen, available };
}

function openModule(module: NativeModule, isa: string) {
  const [threads, memoryLimit] = [readThreads(process.env), readMemoryLimit(process.env)];
  try {
    return module.open(isa, threads, memoryLimit);
  } catch (error) {
    throw new WeftError('native/failed', { operator: 'open', reason: errorText(error) }, { cause: error });
  }
}

function load(): NativeModule {
  const root = packageRoot();
  const platform = `${process.platform}-${process.arch}`;
  const usual = [join(root, 'build', 'Release', 'weft.node'), join(root, 'prebuilds', platform, 'weft.node')];
  // WEFT_ADDON names another build, for instance one with sanitizers; then no other is tried.
  const places = process.env.WEFT_ADDON ? [process.env.WEFT_ADDON] : usual;
  const require = createRequire(import.meta.url);
  let failure: unknown;
  for (const path of places) {
    if (!existsSync(path)) continue;
    try {
      return require(path) as NativeModule;
    } catch (error) {
      failure = error;
    }
  }
  if (failure === undefined) {
    throw new WeftError('native/load-failed', {
      platform,
      reason: `none was found at ${places.join(' or ')}`,
      hint: `Compile it with \`npm rebuild weft\` (in a clone: \`npm run build\`); this needs CMake 3.22 and a C++20 compiler. Installing with --ignore-scripts leaves it out.`,
    });
  }
  const details = { platform, reason: errorText(failure), hint: loadHint(failure) };
  throw new WeftError('native/load-failed', details, { cause: failure });
}

function loadHint(failure: unknown): string {
  const text = errorText(failure);
  const recompile =
    'Compile it on this machine: remove the folder build/, then `npm rebuild weft` (in a clone: `npm run build`).';
  if (/GLIBC|GLIBCXX|CXXABI/.test(text)) return `It was built on a newer system. ${recompile}`;
  if (/invalid ELF|wrong architecture|not a valid Win32|mach-o/i.test(text)) {
    return `It was built for another platform (a copied node_modules does this). ${recompile}`;
  }
  return recompile;
}

/** The folder of our package.json: two or three levels up, whether we run from src/ or from dist/src/. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'weft') {
      return folder;
    }
    const parent = dirname(folder);
    if (parent === folder) return folder;
    folder = parent;
  }
}
