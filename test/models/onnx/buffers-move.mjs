// Prints, as one JSON line, what is left of every buffer after it was posted. Runs the built code, on any Node.
// Usage: node buffers-move.mjs MODEL.onnx, a model x [n, 3] -> y
import { OnnxPool } from '../../../dist/src/models/onnx/pool.js';
import { postMoving } from '../../../dist/src/models/onnx/post-moving.js';

const pool = new OnnxPool({ workers: 1, threads: 1 });
const session = await pool.session(process.argv[2]);
const feed = new Float32Array(3);
const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 3], data: feed } }, { transfer: true });
const { port1, port2 } = new MessageChannel();
postMoving(port1, { data: y.data }, [y.data]);

// Memory that cannot move (WebAssembly's cannot, as little as a native library's): it must arrive all the same.
const foreign = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer);
foreign[5] = 42;
const arrived = new Promise((resolve) => {
  port2.onmessage = ({ data }) => data.foreign && resolve(data.foreign[5]);
});
postMoving(port1, { foreign }, [foreign]);
const received = await arrived;
port1.close();
await pool.close();
console.log(JSON.stringify({ node: process.version, feed: feed.byteLength, result: y.data.byteLength, received }));
