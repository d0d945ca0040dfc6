/** Runs a TypeScript file or a line of code in a child Node with other environment variables. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runChild(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<ChildResult> {
  const {
    WEFT_ISA: _isa,
    WEFT_THREADS: _threads,
    WEFT_MEMORY: _memory,
    NODE_OPTIONS: _options,
    ...inherited
  } = process.env;
  const env = { ...inherited, ...environment };
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs `code` as a module that may import from src/native by relative path. */
export async function runCode(code: string, environment: NodeJS.ProcessEnv = {}): Promise<ChildResult> {
  return await runChild(['--input-type=module', '--eval', code], environment);
}
