/** The runtime by itself: cost of nodes and graphs, how free the event loop stays, and events over the WebSocket. */
import { measureGraphCost } from './runtime/graph-cost.ts';
import { measureLoopDelay } from './runtime/loop-delay.ts';
import { measureSocketEvents } from './runtime/socket-events.ts';

export async function run(): Promise<void> {
  await measureGraphCost();
  await measureSocketEvents();
  await measureLoopDelay();
}
