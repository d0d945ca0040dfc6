/** Models of every family by reference and settings, each loaded once and again when its files changed. */
import type { BackendSettings } from '../backend.ts';
import { keepLoaded } from '../keep-loaded.ts';
import type { OnnxPool } from '../onnx/pool.ts';
import type { ModelStore } from '../store.ts';
import type { FamilyDefinition, LoadedFamily } from './family.ts';
import { openFamily } from './open-family.ts';
import { FAMILIES, familyOf } from './registry.ts';

/** A loaded checkpoint with its identity: what nodes work with. It is let go when nobody holds it any more. */
export interface FamilyModel
  extends Pick<LoadedFamily, 'tasks' | 'embedding' | 'features' | 'language' | 'textSearch'> {
  readonly ref: string;
  /** Identity of the embedding space (ModelInfo.space). */
  readonly space: string;
  /** Name of the family. */
  readonly family: string;
  /** The class that config.json names. */
  readonly architecture: string;
}

/** The loaded function throws what `ModelStore.info` and `openFamily` throw. */
export function createFamilyLoader(
  store: Pick<ModelStore, 'info' | 'folder'>,
  pool?: Pick<OnnxPool, 'session'>,
  families: readonly FamilyDefinition[] = FAMILIES,
): (ref: string, settings?: BackendSettings) => Promise<FamilyModel> {
  const kept = keepLoaded<FamilyModel>();
  return async (ref, settings = {}) => {
    const { backend = 'auto', precision = 'fp32', dtype = 'auto' } = settings;
    const info = await store.info(ref);
    // Also for one ONNX file, which has no config.json to tell it.
    const { name } = familyOf(info.family, ref, families);
    return kept(JSON.stringify([ref, backend, precision, dtype]), info.hash, async () => {
      const folder = await store.folder(ref);
      const { architecture, loaded } = await openFamily(folder, {
        ...{ ...settings, model: ref, families },
        ...(pool === undefined ? {} : { pool }),
      });
      const { tasks, embedding, features, language, textSearch } = loaded;
      return {
        ref,
        space: info.space ?? ref,
        family: name,
        architecture,
        tasks,
        ...(embedding === undefined ? {} : { embedding }),
        ...(features === undefined ? {} : { features }),
        ...(language === undefined ? {} : { language }),
        ...(textSearch === undefined ? {} : { textSearch }),
      };
    });
  };
}
