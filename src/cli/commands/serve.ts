/** `weft serve`: the editor and the API until Ctrl-C. */

import { resolve } from 'node:path';
import { EXIT, WeftError } from '../../errors.ts';
import type { ServeOptions } from '../../protocol/application.ts';
import type { CommandContext } from '../context.ts';
import { openInBrowser } from '../open-browser.ts';

export interface ServeCommandOptions {
  readonly host?: string;
  readonly port?: string;
  readonly token?: string;
  readonly root?: readonly string[];
  readonly out?: string;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly open?: boolean;
}

export async function serveCommand(context: CommandContext, options: ServeCommandOptions): Promise<number> {
  const { terminal, cwd, signal, env } = context;
  const serve = serveOptions(options, env.WEFT_TOKEN);
  const application = await context.createApplication({
    bases: [cwd],
    roots: (options.root ?? []).map((folder) => resolve(cwd, folder)),
    ...(options.out === undefined ? {} : { outputFolder: resolve(cwd, options.out) }),
  });
  try {
    const server = await application.serve(serve);
    terminal.print(`${terminal.colors.bold('Weft')} serves at ${terminal.colors.cyan(server.url)}\n`);
    warnIfExposed(context, serve.host);
    if (terminal.isInteractive) terminal.printError(terminal.errorColors.dim('Ctrl-C ends\n'));
    if (options.open === true) openInBrowser(server.url);
    await aborted(signal);
    await server.close();
    return EXIT.ok;
  } finally {
    await application.close();
  }
}

/** The token may come from the environment, where other users of the machine cannot read it as an argument. */
function serveOptions(options: ServeCommandOptions, environmentToken: string | undefined): ServeOptions {
  const token = options.token ?? (environmentToken === '' ? undefined : environmentToken);
  return {
    allowOrigins: (options.allowOrigin ?? []).map(parseOrigin),
    allowHosts: options.allowHost ?? [],
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: parsePort(options.port) }),
    ...(token === undefined ? {} : { token }),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new WeftError('usage/bad-argument', {
    expected: 'a port from 0 to 65535 for --port',
    received: text,
    command: 'serve',
  });
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && url.origin !== 'null' && /^https?:$/.test(url.protocol)) return url.origin;
  throw new WeftError('usage/bad-argument', {
    expected: 'an origin such as https://example.org for --allow-origin',
    received: text,
    command: 'serve',
  });
}

function warnIfExposed({ terminal }: CommandContext, host: string | undefined): void {
  if (host === undefined || host === 'localhost' || host === '::1' || host.startsWith('127.')) return;
  terminal.printError(
    `${terminal.errorColors.yellow('note')} other machines can reach this server, and traffic is not encrypted: keep the token secret\n`,
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
