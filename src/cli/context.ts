/** What every command receives. Types only. */
import type { Application } from '../protocol/application.ts';
import type { Environment, Terminal } from './terminal.ts';

export interface ApplicationOptions {
  /** Where relative sources are looked up, in this order. */
  readonly bases?: readonly string[];
  /** Folders (or single files) that may be read, beside the bases. */
  readonly roots?: readonly string[];
  readonly outputFolder?: string;
  readonly cacheBytes?: number;
}

export type CreateApplication = (options: ApplicationOptions) => Promise<Application>;

export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly createApplication: CreateApplication;
}
