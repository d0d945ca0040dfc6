/**
 * A caption as a person sees it appear: from the picture's encoder being done to the first words at a client of the WebSocket,
 * and how late the server's event loop gets meanwhile. GPT-2 small behind a prefix, as graphs/clipcap-caption.json wires it;
 * every picture is another one, so that nothing comes from the cache.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApplication } from '../src/app.ts';
import { readGraphFile } from '../src/cli/graph-argument.ts';
import type { Precision } from '../src/native/stack-spec.ts';
import { writeCaptioner } from './decode-stream/captioner-folder.ts';
import type { Watched, WatchOrder } from './decode-stream/watching-client.ts';
import { loopDelayDuring } from './harness/loop-delay.ts';
import { reportFigure } from './harness/report.ts';
import { settled } from './harness/settle.ts';
import { withTemporaryFolder } from './harness/temporary-folder.ts';

const GRAPHS = join(import.meta.dirname, '../graphs');
/** Of the zoo's CLIP, and of Frozen's prefix. */
const [VISUAL, ROWS] = [256, 2];
const TOKENS = 48;
const PICTURES = Array.from({ length: 8 }, (_, index) => `examples/scene-${index + 1}.png`);
const PRECISIONS: readonly Precision[] = ['fp32', 'int8'];

export async function run(): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await writeCaptioner(join(folder, 'clipcap'), VISUAL, ROWS);
    const application = await createApplication({ bases: [folder, GRAPHS], cacheFolder: join(folder, 'cache') });
    const server = await application.serve({ port: 0 });
    const client = fork(join(import.meta.dirname, 'decode-stream/watching-client.ts'));
    const gone = once(client, 'exit').then((): never => {
      throw new Error('the client ended before it was told to');
    });
    const watch = async (order: WatchOrder): Promise<Watched> => {
      const told = once(client, 'message') as Promise<[Watched]>;
      client.send(order);
      return (await Promise.race([told, gone]))[0];
    };
    try {
      for (const precision of PRECISIONS)
        await measure({ ...server, graph: await captionGraph(precision) }, precision, watch);
    } finally {
      client.kill();
      await application.close();
    }
  });
}

/** The saved graph with Frozen's mapper: its client sets the picture. */
async function captionGraph(precision: Precision) {
  const graph = await readGraphFile(join(GRAPHS, 'clipcap-caption.json'));
  const { mapper, write, ...others } = graph.nodes;
  const nodes = {
    ...others,
    mapper: { ...mapper!, params: { ...mapper!.params, mapper: 'frozen', length: ROWS } },
    write: { ...write!, params: { ...write!.params, precision, maxTokens: TOKENS, endsAtPeriod: false } },
  };
  return { ...graph, nodes };
}

type Place = Pick<WatchOrder, 'port' | 'token' | 'graph'>;

async function measure(
  { port, token, graph }: Place,
  precision: Precision,
  watch: (order: WatchOrder) => Promise<Watched>,
): Promise<void> {
  const see = (image: string) =>
    watch({ port, token, graph, set: { image, clip: 'zoo/clip-shapes' }, encoder: 'see', writer: 'write' });
  const [first, ...others] = PICTURES;
  // Loads the weights.
  await see(first!);
  await settled();
  const idle = await loopDelayDuring(() => sleep(1000));
  const seen: Watched[] = [];
  const busy = await loopDelayDuring(async () => {
    for (const image of others) seen.push(await see(image));
  });
  const middle = (of: (one: Watched) => number) => rounded(sorted(seen.map(of))[seen.length >> 1]!);
  reportFigure({
    bench: 'decode-stream',
    case: `GPT-2 small behind a prefix, ${precision}, ${TOKENS} tokens to a client of the WebSocket`,
    first_words_ms: middle(({ firstWords }) => firstWords),
    first_words_worst_ms: rounded(Math.max(...seen.map(({ firstWords }) => firstWords))),
    whole_text_ms: middle(({ wholeText }) => wholeText),
    updates: middle(({ updates }) => updates),
    loop_p99_ms: rounded(busy),
    idle_loop_p99_ms: rounded(idle),
    loop_above_idle_ms: rounded(busy - idle),
    goal: 'first words < 150 ms after the encoder, event loop p99 < 10 ms',
    n: seen.length,
  });
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
