// An ONNX thread that answers every load, and ends in the middle of every run: what a crash looks like from outside.
import { parentPort } from 'node:worker_threads';

const port = { name: 'x', dtype: 'float32', element: 'float32', shape: [1] };
parentPort.on('message', ({ kind, feeds }) => {
  if (kind === 'load')
    parentPort.postMessage({ kind: 'loaded', metadata: { inputs: [port], outputs: [port] }, external: [] });
  else if (kind === 'close') parentPort.close();
  else if (feeds[0].data[0] === 0) throw new Error('crash');
  else if (feeds[0].data[0] === 1) process.exit(1);
  else parentPort.postMessage({ kind: 'outputs', outputs: feeds });
});
