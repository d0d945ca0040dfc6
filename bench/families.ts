/**
 * Published models of every family at their base size, with random weights: a task of ours, its picture's and its text's
 * preparation included, against PyTorch's transformers, which are given tensors. fp32, one item at a time.
 */
import { WeftError } from '../src/errors.ts';
import { capabilities } from '../src/native/capabilities.ts';
import { measurePublished } from './entrants/published.ts';
import { chosen } from './harness/chosen.ts';
import { reportLeftOut } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { PUBLISHED } from './models/published.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'families';

export async function run(): Promise<void> {
  const { threads } = capabilities();
  for (const model of PUBLISHED) {
    if (!chosen(model.name)) continue;
    // A process of its own for each: PyTorch keeps the memory of the models before.
    const torch = await TorchPeer.start(threads);
    if (typeof torch === 'string') return reportLeftOut(BENCH, 'PyTorch transformers', torch);
    try {
      await withTemporaryFolder((folder) => measurePublished(BENCH, model, { folder, torch, threads }));
    } catch (thrown) {
      // The others can still be measured; a bench of which a part is void says so and fails.
      reportLeftOut(BENCH, model.name, thrown instanceof Error ? thrown.message : String(thrown));
      if (!isUnread(thrown)) process.exitCode = 1;
    } finally {
      await torch.close();
    }
  }
}

/** A family that is not there yet is left out; anything else is a failure. */
function isUnread(thrown: unknown): boolean {
  return thrown instanceof WeftError && thrown.code === 'model/unsupported';
}
