/** `weft …` in this process: with an application of tiny nodes, and everything it wrote. */
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach } from 'vitest';
import type { ApplicationOptions } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/main.ts';
import type { Application } from '../../src/protocol/application.ts';
import { fakeApplication } from '../server/fake-application.ts';
import { tinyNodes, tinyRuntime } from '../server/tiny-nodes.ts';

export interface CapturedOptions {
  readonly application?: Partial<Application>;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Both streams say that they are terminals of this width. */
  readonly columns?: number;
}

export interface CapturedRun {
  readonly code: number;
  /** Without colours. */
  readonly out: string;
  readonly err: string;
  /** As written. */
  readonly rawOut: string;
  readonly rawErr: string;
  /** What applications were asked for. */
  readonly asked: readonly ApplicationOptions[];
}

class Capture extends Writable {
  readonly isTTY: boolean;
  declare readonly columns?: number;
  text = '';

  constructor(columns: number | undefined) {
    super({ decodeStrings: false });
    this.isTTY = columns !== undefined;
    if (columns !== undefined) this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

export interface LiveRun {
  readonly finished: Promise<CapturedRun>;
  readonly out: () => string;
  readonly err: () => string;
}

/** Starts and lets the test look while it runs. */
export function startWeft(argv: readonly string[], options: CapturedOptions = {}): LiveRun {
  const stdout = new Capture(options.columns);
  const stderr = new Capture(options.columns);
  const asked: ApplicationOptions[] = [];
  const createApplication = async (wanted: ApplicationOptions): Promise<Application> => {
    asked.push(wanted);
    const runtime = tinyRuntime();
    closing.push(() => runtime.close());
    return fakeApplication(runtime, { nodes: tinyNodes, close: () => runtime.close(), ...options.application });
  };
  const code = runCli(argv, {
    createApplication,
    stdout,
    stderr,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
  });
  const finished = code.then((result) => ({
    code: result,
    out: stripVTControlCharacters(stdout.text),
    err: stripVTControlCharacters(stderr.text),
    rawOut: stdout.text,
    rawErr: stderr.text,
    asked,
  }));
  return { finished, out: () => stdout.text, err: () => stderr.text };
}

export function weft(argv: readonly string[], options: CapturedOptions = {}): Promise<CapturedRun> {
  return startWeft(argv, options).finished;
}
