/**
 * A process that loads one published model, answers once and tells its figures: FOLDER MAKE, and CACHE where packed weights
 * are kept there. See family-loads.ts.
 */
import { readFileSync } from 'node:fs';
import { openFamily } from '../../src/models/pipelines/open-family.ts';
import { usePackedCache } from '../../src/models/weights/packed-cache.ts';
import { capabilities } from '../../src/native/capabilities.ts';
import { storePacked } from '../../src/native/packed-weights.ts';
import { PUBLISHED } from '../models/published.ts';
import { givenTo } from '../models/published-input.ts';

export interface FamilyLoad {
  /** From the call to open it. */
  readonly loadMs: number;
  /** From the same call to the first answer. */
  readonly firstMs: number;
  /** Bytes of packed weights. */
  readonly packed: number;
  /** The most the addon's buffers held, activations of the first answer included. */
  readonly peak: number;
  /** Memory of the process that belongs to no file, at the first answer: JavaScript's included. 0 where the system does not tell. */
  readonly anonymous: number;
}

const [folder = '', make = '', cacheFolder] = process.argv.slice(2);
if (cacheFolder !== undefined) usePackedCache({ cacheFolder });
const model = PUBLISHED.find((one) => one.make === make);
if (model === undefined) throw new Error(`expected one of the published models, received "${make}"`);
const given = await givenTo(model);
// Loading the addon is not loading the model.
capabilities();
const start = performance.now();
const { loaded } = await openFamily(folder, { model: make });
const loadMs = performance.now() - start;
const answer = model.run(loaded.tasks, given);
if (answer === undefined) throw new Error(`${make} does not do the task of the bench`);
await answer;
const firstMs = performance.now() - start;
const { peak } = capabilities().memory;
const told: FamilyLoad = { loadMs, firstMs, packed: loaded.bytes, peak, anonymous: anonymousBytes() };
loaded.release();
await storePacked();
process.send!(told, () => process.disconnect());

function anonymousBytes(): number {
  if (process.platform !== 'linux') return 0;
  const [, kibibytes = '0'] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
