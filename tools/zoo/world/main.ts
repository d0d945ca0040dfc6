/**
 * Command line of the world generator. One form of output per call.
 * Must not hold generation logic.
 */
import { parseArgs } from 'node:util';
import { packScenes } from './pack.ts';
import { writeShard } from './shard.ts';
import { splitOf } from './splits.ts';
import { writeTexts } from './texts.ts';
import { writeDatasets } from './write.ts';

const usage = `usage: npx tsx tools/zoo/world/main.ts --count N --seed S --out DIR [--size 128] [--form datasets|pack|texts|shard]
  datasets  PNG pictures with COCO captions and instances, VQAv2, SNLI-VE files (the default)
  pack      raw pixels and JSON lines for training [--distractors 6,3] [--swaps] [--complete]
  texts     captions alone, one JSON line a scene; --out names the file
  shard     one WebDataset archive, named by --out, of pictures and [--captions 1] texts each`;
const forms = ['datasets', 'pack', 'texts', 'shard'];

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    out: { type: 'string' },
    size: { type: 'string', default: '128' },
    form: { type: 'string', default: 'datasets' },
    captions: { type: 'string', default: '1' },
    distractors: { type: 'string', default: '6,3' },
    swaps: { type: 'boolean', default: false },
    complete: { type: 'boolean', default: false },
  },
});

const [count, seed, size] = [Number(values.count), Number(values.seed), Number(values.size)];
const whole = [count, seed, size].every((value) => Number.isInteger(value) && value >= 0);
const { out, form } = values;
if (!whole || count < 1 || size < 16 || out === undefined || !forms.includes(form)) {
  console.error(usage);
  process.exit(2);
}
const started = performance.now();
const split = splitOf(seed, count);
if (form === 'pack') {
  const [close = 6, part = 3] = values.distractors.split(',').map(Number);
  const { swaps, complete } = values;
  await packScenes({ count, seed, out, size, distractors: [close, part], swaps, complete });
} else if (form === 'texts') {
  await writeTexts({ count, seed, out });
} else if (form === 'shard') {
  await writeShard({ count, seed, out, size, captions: Number(values.captions) });
} else {
  await writeDatasets({ count, seed, out, size });
}
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ scenes: count, seed, split, seconds, scenesPerSecond: Math.round(count / seconds) }));
