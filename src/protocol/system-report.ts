/**
 * What this machine and this installation are, as `weft doctor` shows it and /api/health in part.
 * Browser-safe leaf: data only. Bytes, seconds and operations per second without prefixes.
 */
import type { ErrorShape } from '../errors.ts';

/** Memory of the addon's buffers; see docs/engine.md. */
export interface NativeMemoryUsage {
  readonly used: number;
  readonly peak: number;
  readonly kept: number;
  readonly limit: number;
}

export interface ProcessMemory {
  /** Pages of this process that are in memory. */
  readonly resident: number;
  /** Null where the addon does not load. */
  readonly native: NativeMemoryUsage | null;
}

/** Per second, of all threads together. A figure that could not be measured is null. */
export interface MeasuredSpeed {
  /** Multiplications and additions of floats that never leave the registers: the most there is. */
  readonly multiplyAdds: number | null;
  /** Multiplications and additions of matrix products, float weights and int8 weights. */
  readonly productsFp32: number | null;
  readonly productsInt8: number | null;
  /** Bytes read from memory. */
  readonly reading: number | null;
}

export interface NativeReport {
  /** The instruction set in use, and every one this processor can run, best first. */
  readonly isa: string;
  readonly available: readonly string[];
  readonly threads: number;
  /** Before the measurements. */
  readonly memory: NativeMemoryUsage;
  readonly speed: MeasuredSpeed;
}

export interface CacheReport {
  readonly name: 'models' | 'weft';
  readonly folder: string;
  readonly exists: boolean;
  readonly files: number;
  readonly bytes: number;
  /** False when counting took too long: then there is at least that much. */
  readonly complete: boolean;
}

export interface SystemReport {
  readonly weft: string;
  readonly node: string;
  readonly onnxRuntime: string | null;
  readonly platform: { readonly system: string; readonly release: string; readonly architecture: string };
  readonly processor: {
    readonly model: string;
    readonly hardwareThreads: number;
    /** Of those that kernels could use; empty where the system does not list them. */
    readonly features: readonly string[];
  };
  /** `available`: what this process may use, less than `total` inside a container. */
  readonly memory: { readonly total: number; readonly available: number };
  /** Null where the addon does not load; `problems` says why. */
  readonly native: NativeReport | null;
  readonly cuda: { readonly present: boolean; readonly reason: string };
  /** Environment variables that decide something and are set. */
  readonly settings: Readonly<Record<string, string>>;
  readonly caches: readonly CacheReport[];
  readonly problems: readonly ErrorShape[];
}

export interface SystemApi {
  memory(): ProcessMemory;
  /** Measures for a second or two. Never rejects for what it finds: that is in `problems`. */
  report(): Promise<SystemReport>;
}
