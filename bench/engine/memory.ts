/** Resident memory over many runs: what is still there after a tenth of them must be there at the end, and no more. */
import { collectGarbage } from '../harness/measure.ts';
import { reportFigure } from '../harness/report.ts';
import { clipImageEncoder, type TransformerShape } from '../models/transformer.ts';
import { pictureStack } from './picture-stack.ts';

/** The sizes of models/zoo/clip-shapes; memory does not depend on what the weights are. */
const ZOO: TransformerShape = {
  ...clipImageEncoder(16),
  name: 'the image encoder of the zoo CLIP',
  width: 192,
  heads: 6,
  layers: 6,
  inner: 576,
  activation: 'gelu',
  embedding: { kind: 'patches', patch: 8, picture: 64 },
  output: { kind: 'projection', row: 'first', size: 256 },
};

const CASES = [
  { shape: ZOO, runs: 10_000 },
  { shape: clipImageEncoder(32), runs: 200 },
];

export async function measureMemory(): Promise<void> {
  for (const { shape, runs } of CASES) {
    using stack = await pictureStack(shape);
    const pixels = stack.pictures(1);
    for (let run = 0; run < runs / 10; run += 1) await stack.encode(pixels);
    const before = await residentBytes();
    const start = performance.now();
    for (let run = 0; run < runs; run += 1) await stack.encode(pixels);
    const milliseconds = performance.now() - start;
    const after = await residentBytes();
    reportFigure({
      bench: 'engine',
      case: `resident memory over ${runs} runs of ${shape.name}`,
      before_mb: megabytes(before),
      after_mb: megabytes(after),
      growth_mb: megabytes(after - before),
      ms_per_run: Number((milliseconds / runs).toPrecision(4)),
      goal: 'flat',
    });
  }
}

/** After two collections, between which finalisers have run. */
async function residentBytes(): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}
