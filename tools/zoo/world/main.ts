/**
 * Command line of the world generator. One form of output per call.
 * Must not hold generation logic.
 */
import { parseArgs } from 'node:util';
import { packScenes } from './pack.ts';

const usage = `usage: npx tsx tools/zoo/world/main.ts --count N --seed S --out DIR [--size 128]
  --form pack       raw pixels and JSON lines for training [--distractors 6,3] [--swaps] [--complete]`;

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    out: { type: 'string' },
    size: { type: 'string', default: '128' },
    form: { type: 'string', default: 'datasets' },
    distractors: { type: 'string', default: '6,3' },
    swaps: { type: 'boolean', default: false },
    complete: { type: 'boolean', default: false },
  },
});

const [count, seed, size] = [Number(values.count), Number(values.seed), Number(values.size)];
if (!Number.isInteger(count) || !Number.isInteger(seed) || !Number.isInteger(size) || values.out === undefined) {
  console.error(usage);
  process.exit(2);
}
const started = performance.now();
if (values.form === 'pack') {
  const [close, part] = values.distractors.split(',').map(Number);
  await packScenes({
    count,
    seed,
    out: values.out,
    size,
    distractors: [close ?? 6, part ?? 3],
    swaps: values.swaps,
    complete: values.complete,
  });
}
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ scenes: count, seed, seconds, scenesPerSecond: Math.round(count / seconds) }));
