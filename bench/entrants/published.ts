/** A published model with random weights as a task of ours, and as transformers runs it in PyTorch's process. */
import { WeftError } from '../../src/errors.ts';
import { openFamily } from '../../src/models/pipelines/open-family.ts';
import { mustAgree } from '../harness/agreement.ts';
import { race, runsFor } from '../harness/race.ts';
import { reportPairing } from '../harness/report.ts';
import { type Answer, numbersOf, type PublishedModel } from '../models/published.ts';
import { arraysOf, type Given, givenTo } from '../models/published-input.ts';
import type { TorchPeer } from '../peers/torch.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrant.ts';

/** How long a turn of ours takes, milliseconds. */
const TURN = 100;

/** Both must give the same answer; then they race. */
export async function measurePublished(
  bench: string,
  model: PublishedModel,
  { folder, torch, threads }: { readonly folder: string; readonly torch: TorchPeer; readonly threads: number },
): Promise<void> {
  const { name, rounds, tokens } = model;
  const given = await givenTo(model);
  await torch.make('theirs', 'published', {
    model: model.make,
    folder,
    ...(model.text === undefined ? {} : { text: model.text }),
    ...(model.beams === undefined ? {} : { beams: model.beams }),
    arrays: await torch.share(arraysOf(given)),
  });
  const ours = await enter(model, folder, given);
  try {
    const theirs = { ...torchEntrant(torch, 'theirs'), name: `transformers, ${torch.name}` };
    const most = mustAgree(name, await ours.output(), await theirs.output());
    const turns = await runsFor(ours.output, TURN);
    const contenders = [ours, theirs].map((entrant) => ({ name: entrant.name, turn: entrant.turn(turns) }));
    const results = await race(contenders, { rounds });
    const speed = (entrant: Entrant) => Math.round((10_000 * tokens!) / results.get(entrant.name)!.median) / 10;
    const speeds = tokens && { tokens_per_second: speed(ours), tokens_per_second_of_peer: speed(theirs) };
    const more = { threads, relative_error: most, ...speeds };
    reportPairing({ bench, case: name, ours: ours.name, peer: theirs.name, results, more });
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
