/** Someone who takes part in a race: how it is run, what it gives, how its runs are timed. */
import { type Turn, turnOf } from '../harness/race.ts';
import type { TorchPeer } from '../peers/torch.ts';

export interface Entrant {
  readonly name: string;
  /** What one run gives, for the comparison before the race. */
  output(): Promise<Float32Array>;
  /** A turn of `runs` runs. */
  turn(runs: number): Turn;
  /** Lets go of what it holds. */
  release(): Promise<void>;
}

/** Runs in this process. `run` gives what it made, `read` its numbers. */
export function localEntrant<Made>(
  name: string,
  run: () => Promise<Made>,
  read: (made: Made) => Float32Array,
  release: () => Promise<void>,
  /** Lets go of what a run made, inside the clock: whoever uses results must do so. */
  discard: (made: Made) => void = () => {},
): Entrant {
  return {
    name,
    output: async () => read(await run()),
    turn: (runs) => turnOf(async () => discard(await run()), runs),
    release,
  };
}

/** Something that `make` has made under `name` in PyTorch's process. */
export function torchEntrant(peer: TorchPeer, name: string): Entrant {
  return {
    name,
    output: () => peer.output(name),
    turn: (runs) => peer.turn(name, runs),
    release: () => peer.drop(name),
  };
}
