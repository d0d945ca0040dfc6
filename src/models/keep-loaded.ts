/** Keeps loaded models: each once for the same key, again when its files changed. Must not know what a model is. */

/** More are let go, the one unused longest first. */
const MOST_LOADED = 8;

/** Finds the model of a key, or loads it. `hash` tells whether its files are still those it was loaded from. */
export type KeptModels<Model> = (key: string, hash: string, load: () => Promise<Model>) => Promise<Model>;

/** A load that fails is forgotten, so that it is tried again. */
export function keepLoaded<Model>(most = MOST_LOADED): KeptModels<Model> {
  const loaded = new Map<string, { hash: string; model: Promise<Model> }>();
  return (key, hash, load) => {
    const known = loaded.get(key);
    // Taken out and put back: the map's order is the order of use.
    loaded.delete(key);
    const model = known?.hash === hash ? known.model : load();
    loaded.set(key, { hash, model });
    if (loaded.size > most) loaded.delete(loaded.keys().next().value!);
    model.catch(() => {
      if (loaded.get(key)?.model === model) loaded.delete(key);
    });
    return model;
  };
}
