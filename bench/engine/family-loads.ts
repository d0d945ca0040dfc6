/**
 * How long published models take from their files to the first result, and how much memory: each load in a new process,
 * where nothing is warm but the files. PyTorch's transformers only write the checkpoint.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { chosen } from '../harness/chosen.ts';
import { median } from '../harness/measure.ts';
import { reportFigure, reportLeftOut } from '../harness/report.ts';
import { settled } from '../harness/settle.ts';
import { withTemporaryFolder } from '../harness/temporary-folder.ts';
import { PUBLISHED } from '../models/published.ts';
import { arraysOf, givenTo } from '../models/published-input.ts';
import { TorchPeer } from '../peers/torch.ts';
import type { FamilyLoad } from './load-family.ts';

const BENCH = 'load';
const MAKES = ['clip', 'blip_match', 'blip_caption'];
const ROUNDS = 5;

export async function loadFamilies(): Promise<void> {
  for (const model of PUBLISHED.filter(({ make }) => MAKES.includes(make))) {
    const name = `family: ${model.name}`;
    if (!chosen(name)) continue;
    const torch = await TorchPeer.start(1);
    if (typeof torch === 'string') return reportLeftOut(BENCH, name, torch);
    await withTemporaryFolder(async (folder) => {
      const arrays = await torch.share(arraysOf(await givenTo(model)));
      await torch.make('theirs', 'published', { model: model.make, folder, arrays });
      await torch.close();
      const model_bytes = statSync(join(folder, 'model.safetensors')).size;
      for (const cache of [undefined, join(folder, 'cache')]) {
        const kind = cache === undefined ? 'packed anew' : 'packed weights on disk';
        const loads = await loadOften(cache === undefined ? [folder, model.make] : [folder, model.make, cache]);
        reportFigure({ bench: BENCH, case: `${name}, ${kind}`, model_bytes, ...figures(loads) });
      }
    });
  }
}

async function loadOften(args: readonly string[]): Promise<FamilyLoad[]> {
  // The first one fills the caches, the system's and ours; it does not count.
  await inNewProcess(args);
  const loads: FamilyLoad[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await settled();
    loads.push(await inNewProcess(args));
  }
  return loads;
}

function figures(loads: readonly FamilyLoad[]) {
  const of = (fact: keyof FamilyLoad) => median(loads.map((load) => load[fact]));
  const most = (fact: keyof FamilyLoad) => Math.max(...loads.map((load) => load[fact]));
  return {
    packed_bytes: of('packed'),
    peak_bytes: most('peak'),
    peak_share: Number((most('peak') / of('packed')).toPrecision(4)),
    anonymous_bytes: most('anonymous'),
    load_ms: Math.round(of('loadMs')),
    first_result_ms: Math.round(of('firstMs')),
    n: loads.length,
  };
}

/** What load-family.ts tells. Throws what it ends with. */
async function inNewProcess(args: readonly string[]): Promise<FamilyLoad> {
  const child = fork(join(import.meta.dirname, 'load-family.ts'), args, { execArgv: process.execArgv });
  let told: FamilyLoad | undefined;
  child.on('message', (message) => {
    told = message as FamilyLoad;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || told === undefined) throw new Error(`loading ${args[1]} ended with exit code ${code}`);
  return told;
}
