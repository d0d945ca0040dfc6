/** The two errors of a checkpoint that cannot be converted. */
import { WeftError } from '../../errors.ts';

/** The file is no archive of PyTorch, or a broken one. */
export function badCheckpoint(path: string, reason: string): WeftError {
  return new WeftError('input/bad-file', { expected: 'a checkpoint as torch.save writes it since 1.6', path, reason });
}

/** It holds more than tensors and plain data, which reading it as Python does would execute. */
export function unsafeCheckpoint(path: string, reason: string): WeftError {
  return new WeftError('model/unsafe-checkpoint', { path, reason });
}
