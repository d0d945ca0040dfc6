/** Which ONNX Runtime is installed. Reads its package only; the library itself loads in worker threads. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Undefined where it is not installed. */
export function onnxRuntimeVersion(): string | undefined {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths('onnxruntime-node') ?? []) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'onnxruntime-node', 'package.json'), 'utf8'));
      return String(manifest.version);
    } catch {
      // Not in this folder: the next one up may have it.
    }
  }
  return undefined;
}
