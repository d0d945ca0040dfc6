/**
 * A Python peer in a process of its own, which times itself: one line in asks for a run, one line out is milliseconds.
 * WEFT_BENCH_PYTHON names the interpreter (python3 by default).
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class PythonPeer {
  readonly #send: (request: string) => Promise<Record<string, unknown>>;
  readonly close: () => void;

  private constructor(send: (request: string) => Promise<Record<string, unknown>>, close: () => void) {
    this.#send = send;
    this.close = close;
  }

  /** The started peer and what it says about its versions, or the reason why there is none. */
  static async start(
    script: string,
    args: readonly string[],
  ): Promise<{ peer: PythonPeer; versions: string } | string> {
    const python = process.env.WEFT_BENCH_PYTHON ?? 'python3';
    const child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(new Error(`${python} cannot be started: ${error.message}`)));
      child.once('exit', (code) => reject(new Error(`${python} ended with exit code ${code}`)));
    });
    failed.catch(() => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => {
      const line = await Promise.race([lines.next(), failed]);
      // Its output has ended: how it ended is about to be known.
      if (line.done === true) return failed;
      return JSON.parse(String(line.value)) as Record<string, unknown>;
    };
    const send = (request: string) => {
      child.stdin.write(`${request}\n`);
      return next();
    };
    try {
      const hello = await next();
      if (typeof hello.error === 'string') return hello.error;
      return { peer: new PythonPeer(send, () => child.kill()), versions: String(hello.versions) };
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : String(thrown);
    }
  }

  /** One request and its answer. Throws what the peer calls an error. */
  async ask(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    const answer = await this.#send(JSON.stringify(request));
    if (typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  }

  /** Milliseconds of one run. */
  async time(task: string, batch: number): Promise<number> {
    return Number((await this.ask({ task, batch })).ms);
  }
}
