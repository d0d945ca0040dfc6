/**
 * npm's `install` step, in a clone and for users of the package: take a prebuilt addon that loads, else compile one.
 * Must not download anything and must not touch files outside build/.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ADDON, BuildError, buildAddon, ROOT } from './addon.mjs';

const require = createRequire(import.meta.url);
const prebuilt = join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`, 'weft.node');

try {
  if (loads(prebuilt)) {
    console.log(`addon: prebuilt for ${process.platform}-${process.arch}`);
  } else {
    console.log(await buildAddon());
    // Compiled, but does it load into this Node? Better to hear it now than at the first run.
    require(ADDON);
  }
} catch (error) {
  console.error(error instanceof BuildError ? error.message : error);
  process.exitCode = 1;
}

function loads(path) {
  if (!existsSync(path)) return false;
  try {
    require(path);
    return true;
  } catch (error) {
    console.log(`addon: the prebuilt one does not load (${error.message}); compiling`);
    return false;
  }
}
