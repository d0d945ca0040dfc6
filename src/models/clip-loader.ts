/** CLIP models by reference and settings, each loaded once and again when its files changed. */
import { WeftError } from '../errors.ts';
import { ClipModel } from './clip.ts';
import type { ClipSettings } from './clip-backend.ts';
import type { OnnxPool } from './onnx/pool.ts';
import type { ModelStore } from './store.ts';

/** More are let go, the one unused longest first. */
const MOST_LOADED = 8;

/** The loaded function throws what `ModelStore.info` and `ClipModel.load` throw, and `model/unsupported`. */
export function createClipLoader(
  store: Pick<ModelStore, 'info' | 'folder'>,
  pool: Pick<OnnxPool, 'session'>,
): (ref: string, settings?: ClipSettings) => Promise<ClipModel> {
  const loaded = new Map<string, { hash: string; model: Promise<ClipModel> }>();
  return async (ref, settings = {}) => {
    const info = await store.info(ref);
    if (info.family !== 'clip' || info.space === undefined) {
      throw new WeftError('model/unsupported', { model: ref, expected: 'a CLIP model', received: info.family });
    }
    const { space, hash } = info;
    const key = JSON.stringify([ref, settings.backend ?? 'auto', settings.precision ?? 'fp32']);
    const known = loaded.get(key);
    // Taken out and put back: the map's order is the order of use.
    loaded.delete(key);
    const model =
      known?.hash === hash
        ? known.model
        : store.folder(ref).then((folder) => ClipModel.load(folder, pool, { ref, space }, settings));
    loaded.set(key, { hash, model });
    if (loaded.size > MOST_LOADED) loaded.delete(loaded.keys().next().value!);
    model.catch(() => {
      if (loaded.get(key)?.model === model) loaded.delete(key);
    });
    return model;
  };
}
