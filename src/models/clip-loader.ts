/** CLIP models by reference, each loaded once and again when its files changed. */
import { WeftError } from '../errors.ts';
import { ClipModel } from './clip.ts';
import type { OnnxPool } from './onnx/pool.ts';
import type { ModelStore } from './store.ts';

/** The loaded function throws what `ModelStore.info` and `ClipModel.load` throw, and `model/unsupported`. */
export function createClipLoader(
  store: Pick<ModelStore, 'info' | 'folder'>,
  pool: Pick<OnnxPool, 'session'>,
): (ref: string) => Promise<ClipModel> {
  const loaded = new Map<string, { hash: string; model: Promise<ClipModel> }>();
  return async (ref) => {
    const info = await store.info(ref);
    if (info.family !== 'clip' || info.space === undefined) {
      throw new WeftError('model/unsupported', { model: ref, expected: 'a CLIP model', received: info.family });
    }
    const known = loaded.get(ref);
    if (known?.hash === info.hash) return known.model;
    const { space } = info;
    const model = store.folder(ref).then((folder) => ClipModel.load(folder, pool, { ref, space }));
    loaded.set(ref, { hash: info.hash, model });
    model.catch(() => loaded.delete(ref));
    return model;
  };
}
