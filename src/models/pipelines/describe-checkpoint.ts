/** What a checkpoint does and how much memory it needs, by its configuration and the headers of its weights: loads none. */
import { WeftError } from '../../errors.ts';
import type { StoredTensor } from '../../native/weights.ts';
import type { CheckpointDetails, ModelDetails } from '../../protocol/model-info.ts';
import { listOnnxFiles } from '../onnx/variant.ts';
import type { ModelStore } from '../store.ts';
import { WeightFiles } from '../weights/weight-files.ts';
import type { FamilyDefinition } from './family.ts';
import { chooseFamily } from './open-family.ts';

/** Throws as `ModelStore.info`; what keeps it from being loaded as a family is told, not thrown. */
export async function describeCheckpoint(
  store: Pick<ModelStore, 'info' | 'folder'>,
  ref: string,
  families?: readonly FamilyDefinition[],
): Promise<ModelDetails> {
  const info = await store.info(ref);
  // ONNX files have no class and no family: nodes of their own run them.
  if (info.family === 'onnx') return info;
  try {
    const folder = await store.folder(ref);
    const chosen = await chooseFamily(folder, { model: ref, ...(families === undefined ? {} : { families }) });
    const { definition, architecture, tasks, onnx } = chosen;
    const runsFromOnnx = definition.onnx?.architectures[architecture] !== undefined;
    const files = runsFromOnnx ? await listOnnxFiles(folder) : [];
    const checkpoint: CheckpointDetails = {
      title: definition.title,
      architecture,
      tasks,
      ...(onnx === undefined ? await storedNeeds(folder, ref) : {}),
      ...(files.length === 0 ? {} : { onnx: files }),
      graph: definition.graph,
      paper: definition.paper,
    };
    return { ...info, checkpoint };
  } catch (thrown) {
    if (!(thrown instanceof WeftError) || !thrown.code.startsWith('model/')) throw thrown;
    return { ...info, problem: `${thrown.message} ${thrown.remedy}` };
  }
}

async function storedNeeds(folder: string, model: string) {
  const weights = await WeightFiles.open(folder, { model });
  const needs = needsOf(weights.tensors.values());
  weights.close();
  return needs;
}

/**
 * Matrices are kept in the precision (int8 with a float32 scale for each output), vectors always in float32: norms,
 * biases, scales. Indices that are no floats are not kept at all.
 */
function needsOf(tensors: Iterable<StoredTensor>): Required<Pick<CheckpointDetails, 'parameters' | 'memory'>> {
  let [parameters, vectors, matrices, scales] = [0, 0, 0, 0];
  for (const { dtype, shape } of tensors) {
    if (!/^(?:BF|F)\d+$/.test(dtype)) continue;
    const count = shape.reduce((product, side) => product * side, 1);
    parameters += count;
    if (shape.length < 2) vectors += count;
    else {
      matrices += count;
      scales += shape[0]!;
    }
  }
  const kept = 4 * vectors;
  return {
    parameters,
    memory: { fp32: kept + 4 * matrices, bf16: kept + 2 * matrices, int8: kept + matrices + 4 * scales },
  };
}
