/** The preprocess family: decoding, resizing, image processors. */
import type { Tolerance } from '../compare.ts';
import type { CaseFolder, Outcome } from '../outcome.ts';
import { CaseFiles } from './case-files.ts';
import type { PreprocessCase } from './case-format.ts';
import { compareDecoded } from './decode.ts';
import { compareProcessed } from './processors.ts';
import { compareResized } from './resize.ts';

const DEFAULT_TOLERANCE: Tolerance = { atol: 1e-5, rtol: 0 };

export async function* runPreprocess({ folder, content }: CaseFolder): AsyncIterable<Outcome> {
  const { decode = [], resize = [], processors = [], tolerance = DEFAULT_TOLERANCE } = content as PreprocessCase;
  const files = new CaseFiles(folder);
  yield* compareDecoded(files, decode);
  yield* compareResized(files, resize);
  yield* compareProcessed(files, processors, tolerance);
}
