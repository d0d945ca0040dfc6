/** `weft` as its own process, with tiny nodes: for what signals do to it. Run by process.test.ts. */
import { runCli } from '../../src/cli/main.ts';
import { fakeApplication } from '../server/fake-application.ts';
import { tinyNodes, tinyRuntime } from '../server/tiny-nodes.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  createApplication: async () => {
    const runtime = tinyRuntime();
    const start = runtime.start.bind(runtime);
    runtime.start = (...given) => {
      const run = start(...given);
      run.subscribe((event) => {
        if (event.type === 'node.started') process.stderr.write('a node has started\n');
      });
      return run;
    };
    return fakeApplication(runtime, { nodes: tinyNodes, close: () => runtime.close() });
  },
});
