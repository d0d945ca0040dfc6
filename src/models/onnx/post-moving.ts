/**
 * Posts a message whose array buffers move to the other thread instead of being copied.
 * Both sides of the ONNX threads send through here.
 */
import type { MessagePort, TransferListItem } from 'node:worker_threads';

type Target = Pick<MessagePort, 'postMessage'>;

/** Whether a view is all of its buffer: only then may the buffer move without taking other data along. */
export function ownsBuffer(data: ArrayBufferView): boolean {
  return data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
}

/**
 * `arrays` are those within `message` whose buffers move; afterwards their `byteLength` is 0.
 * Memory that V8 does not own (a native library's) cannot move: Node 20 copies it silently, later versions throw, and
 * then it is copied here, once.
 */
export function postMoving(target: Target, message: unknown, arrays: readonly ArrayBufferView[]): void {
  const buffers = [...new Set(arrays.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
  try {
    target.postMessage(message, buffers as TransferListItem[]);
  } catch (thrown) {
    if (!(thrown instanceof DOMException) || thrown.name !== 'DataCloneError') throw thrown;
    const copy = structuredClone(message);
    target.postMessage(copy);
  }
}
