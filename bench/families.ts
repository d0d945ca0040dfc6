/**
 * Published models of every family at their base size, with random weights: a task of ours, its picture's and its text's
 * preparation included, against PyTorch's transformers, which are given tensors. fp32, one item at a time.
 */
import { WeftError } from '../src/errors.ts';
import { openFamily } from '../src/models/pipelines/open-family.ts';
import { capabilities } from '../src/native/capabilities.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrants/entrant.ts';
import { mustAgree } from './harness/agreement.ts';
import { chosen } from './harness/chosen.ts';
import { race, runsFor } from './harness/race.ts';
import { reportLeftOut, reportPairing } from './harness/report.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';
import { type Answer, numbersOf, PUBLISHED, type PublishedModel } from './models/published.ts';
import { arraysOf, type Given, givenTo } from './models/published-input.ts';
import { TorchPeer } from './peers/torch.ts';

const BENCH = 'families';
/** How long a turn of ours takes, milliseconds. */
const TURN = 100;

export async function run(): Promise<void> {
  const { threads } = capabilities();
  for (const model of PUBLISHED) {
    if (!chosen(model.name)) continue;
    // A process of its own for each: PyTorch keeps the memory of the models before.
    const torch = await TorchPeer.start(threads);
    if (typeof torch === 'string') return reportLeftOut(BENCH, 'PyTorch transformers', torch);
    try {
      await withTemporaryFolder((folder) => measure(model, folder, torch, threads));
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

async function measure(model: PublishedModel, folder: string, torch: TorchPeer, threads: number): Promise<void> {
  const { name, rounds } = model;
  const given = await givenTo(model);
  await torch.make('theirs', 'published', {
    model: model.make,
    folder,
    ...(model.text === undefined ? {} : { text: model.text }),
    arrays: await torch.share(arraysOf(given)),
  });
  const ours = await enter(model, folder, given);
  try {
    const theirs = { ...torchEntrant(torch, 'theirs'), name: `transformers, ${torch.name}` };
    const most = mustAgree(name, await ours.output(), await theirs.output());
    const turns = await runsFor(ours.output, TURN);
    const contenders = [ours, theirs].map((entrant) => ({ name: entrant.name, turn: entrant.turn(turns) }));
    const results = await race(contenders, { rounds });
    const more = { threads, relative_error: most };
    reportPairing({ bench: BENCH, case: name, ours: ours.name, peer: theirs.name, results, more });
  } finally {
    await ours.release();
  }
}

async function enter({ name, run: perform }: PublishedModel, folder: string, given: Given): Promise<Entrant> {
  const { definition, loaded } = await openFamily(folder, { model: name });
  const once = async (): Promise<Answer> => {
    const answer = perform(loaded.tasks, given);
    if (answer !== undefined) return answer;
    const expected = 'the task that the bench asks for';
    throw new WeftError('model/unsupported', { model: name, expected, received: Object.keys(loaded.tasks).join(', ') });
  };
  return localEntrant(`weft ${definition.name}`, once, numbersOf, async () => loaded.release());
}
