/**
 * What the native addon can do on this machine. Must not start work.
 */
import { type NativeMemory, nativeAddon } from './loader.ts';

export interface Capabilities {
  /** The instruction set in use: the best one, or the one WEFT_ISA names. */
  readonly isa: string;
  /** Every instruction set this processor can run, best first. */
  readonly available: readonly string[];
  /** Threads of the addon's pool (WEFT_THREADS, else one per hardware thread). */
  readonly threads: number;
  /** Now. */
  readonly memory: NativeMemory;
  readonly cuda: { readonly present: false; readonly reason: string };
}

/** Loads the addon when needed. Throws what `nativeAddon` throws. */
export function capabilities(): Capabilities {
  const addon = nativeAddon();
  return {
    isa: addon.isa,
    available: addon.available,
    threads: addon.threads,
    memory: addon.memoryUsage(),
    cuda: { present: false, reason: 'this build has no CUDA operators' },
  };
}
