/** What a run needs to know of the work on one of its nodes. */
export interface NodeTask {
  start(): void;
  /** Everything it will make is settled. */
  readonly isFinished: boolean;
  /** What outside the graph its result depends on, once known: for the record. */
  readonly fingerprint: string | undefined;
  /** Nothing else moves: do what was put off. False when nothing was. */
  hurry(): boolean;
  /** The run was stopped: let go of timers and iterators. */
  stop(): void;
}
