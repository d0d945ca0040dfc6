/** What the runtime itself costs: per trivial node and item, and for a whole graph from JSON text to its last event. */
import { median } from '../harness/measure.ts';
import { reportFigure } from '../harness/report.ts';
import { chainGraph, layeredGraph, mappedGraph, trivialRuntime } from './trivial-nodes.ts';

const BENCH = 'runtime';
const WARMUP = 10;
const ROUNDS = 40;

interface Sample {
  /** Submission to last event. */
  readonly whole: number;
  /** `run.started` to last event: parsing, checking and planning are over. */
  readonly running: number;
  /** Processor time of the whole process, milliseconds: what a loaded machine does not blur. */
  readonly cpu: number;
  readonly events: number;
}

export async function measureGraphCost(): Promise<void> {
  for (const [name, graph] of [
    ['chain', chainGraph(1000)],
    ['layers of ten', layeredGraph(1000)],
  ] as const) {
    const text = JSON.stringify(graph);
    const samples = await rounds(text);
    const [first] = samples;
    const counted = samples.slice(WARMUP);
    reportFigure({
      bench: BENCH,
      case: `1000-node graph (${name}), cold cache, JSON to last event`,
      ms: rounded(median(counted.map(({ whole }) => whole))),
      least_ms: rounded(Math.min(...counted.map(({ whole }) => whole))),
      cpu_ms: rounded(median(counted.map(({ cpu }) => cpu))),
      first_ms: rounded(first?.whole ?? Number.NaN),
      json_bytes: text.length,
      events: first?.events,
      n: counted.length,
      goal: '< 50 ms',
    });
    reportFigure({
      bench: BENCH,
      case: `overhead per trivial node (${name})`,
      us: rounded(median(counted.map(({ running }) => running))),
      least_us: rounded(Math.min(...counted.map(({ running }) => running))),
      n: counted.length,
      goal: '<= 50 us',
    });
  }
  const items = 5000;
  const counted = (await rounds(JSON.stringify(mappedGraph(items)))).slice(WARMUP);
  reportFigure({
    bench: BENCH,
    case: `overhead per item of a list of ${items}, emitted and mapped once`,
    us: rounded((median(counted.map(({ running }) => running)) * 1000) / items),
    n: counted.length,
  });
}

async function rounds(text: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < WARMUP + ROUNDS; round++) samples.push(await once(text));
  return samples;
}

/** A new runtime each time: its cache is cold. */
async function once(text: string): Promise<Sample> {
  const runtime = trivialRuntime();
  await new Promise((resolve) => setImmediate(resolve));
  const cpu = process.cpuUsage();
  const start = performance.now();
  let started = start;
  let end = start;
  let events = 0;
  const run = runtime.start(text);
  run.subscribe((event) => {
    events++;
    end = performance.now();
    if (event.type === 'run.started') started = end;
  });
  const { status } = await run.result;
  const { user, system } = process.cpuUsage(cpu);
  if (status !== 'finished') throw new Error(`the run ended as ${status}`);
  await runtime.close();
  return { whole: end - start, running: end - started, cpu: (user + system) / 1000, events };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
