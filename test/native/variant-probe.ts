/**
 * Runs every case with the kernels that WEFT_ISA forces and prints what differed, as one JSON line.
 * A child process of variants.test.ts: an environment chooses its kernels once.
 */
import { capabilities } from '../../src/native/capabilities.ts';
import { preprocess, resize } from '../../src/native/image.ts';
import { planCases, resizeCases } from './drawn-cases.ts';
import { oraclePreprocess, oracleResize } from './pillow-oracle.ts';
import { readReferencePlans, readReferenceResizes } from './reference-folder.ts';

const counts: Record<string, number> = {};
const failures: string[] = [];

function check(kind: string, name: string, actual: Uint8Array | Float32Array, expected: Uint8Array | Float32Array) {
  counts[kind] = (counts[kind] ?? 0) + 1;
  let differing = actual.length === expected.length ? 0 : Math.max(actual.length, expected.length);
  for (let index = 0; index < expected.length; index += 1) {
    if (!Object.is(actual[index], expected[index])) differing += 1;
  }
  if (differing > 0) failures.push(`${kind}: ${name}: ${differing} of ${expected.length} values differ`);
}

for (const { name, image, step } of resizeCases()) {
  check('drawn resize', name, (await resize(image, step)).data, oracleResize(image, step).data);
}
for (const { name, image, plan } of planCases()) {
  const [result] = await preprocess([{ image, plan }]);
  check('drawn plan', name, result!.data, oraclePreprocess(image, plan));
}
for (const folder of process.argv.slice(2)) {
  for (const { name, image, step, expected } of await readReferenceResizes(folder)) {
    check(`resize of ${folder}`, name, (await resize(image, step)).data, expected);
  }
  for (const { name, image, plan, expected } of await readReferencePlansIfAny(folder)) {
    const [result] = await preprocess([{ image, plan }]);
    check(`plan of ${folder}`, name, result!.data, expected);
  }
}
console.log(
  JSON.stringify({ isa: capabilities().isa, counts, failures: failures.slice(0, 20), failed: failures.length }),
);

async function readReferencePlansIfAny(folder: string) {
  // ../shared/parity has processors instead, which are the business of src/image.
  return folder.includes('fixtures') ? readReferencePlans(folder) : [];
}
