/** CLIP models by reference and settings, each loaded once and again when its files changed. */
import { WeftError } from '../errors.ts';
import type { BackendSettings } from './backend.ts';
import { ClipModel } from './clip.ts';
import { keepLoaded } from './keep-loaded.ts';
import type { OnnxPool } from './onnx/pool.ts';
import type { ModelStore } from './store.ts';

/** The loaded function throws what `ModelStore.info` and `ClipModel.load` throw, and `model/unsupported`. */
export function createClipLoader(
  store: Pick<ModelStore, 'info' | 'folder'>,
  pool: Pick<OnnxPool, 'session'>,
): (ref: string, settings?: BackendSettings) => Promise<ClipModel> {
  const kept = keepLoaded<ClipModel>();
  return async (ref, settings = {}) => {
    const info = await store.info(ref);
    if (info.family !== 'clip' || info.space === undefined) {
      throw new WeftError('model/unsupported', { model: ref, expected: 'a CLIP model', received: info.family });
    }
    const { space, hash } = info;
    const key = JSON.stringify([
      ref,
      settings.backend ?? 'auto',
      settings.precision ?? 'fp32',
      settings.dtype ?? 'auto',
    ]);
    return kept(key, hash, async () => ClipModel.load(await store.folder(ref), pool, { ref, space }, settings));
  };
}
