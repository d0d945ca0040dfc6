/**
 * Who may talk to this server: its own address (against DNS rebinding), its own page (Origin), the bearer of its token.
 * Decides and throws; sends nothing. The same three checks guard HTTP requests and WebSocket upgrades.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { WeftError } from '../errors.ts';

export interface AccessOptions {
  readonly token: string;
  /** The address listened on. */
  readonly host: string;
  /** Origins beside the server's own, as browsers send them: `https://example.org`. */
  readonly allowOrigins: readonly string[];
  /** Host names beside the server's own, with or without a port. */
  readonly allowHosts: readonly string[];
}

/** What is known of a request before it is trusted. A request injected by a test has no port. */
export interface Caller {
  readonly headers: IncomingHttpHeaders;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
}

/** Fits an URL fragment, a header and a WebSocket subprotocol alike. */
const TOKEN = /^[A-Za-z0-9._~-]{16,256}$/;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
const WILDCARDS = new Set(['0.0.0.0', '::', '']);

export function makeToken(): string {
  return randomBytes(24).toString('base64url');
}

export function checkTokenShape(token: string): string {
  if (TOKEN.test(token)) return token;
  throw new WeftError('usage/bad-argument', {
    expected: 'a token of 16 to 256 letters, digits, ".", "_", "~" or "-"',
    received: `one of ${token.length} characters`,
    command: 'serve',
  });
}

export class Access {
  readonly #digest: Buffer;
  readonly #host: string;
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  constructor({ token, host, allowOrigins, allowHosts }: AccessOptions) {
    this.#digest = digest(token);
    this.#host = host;
    this.#origins = new Set(allowOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
    this.#hosts = new Set(allowHosts.map((name) => name.toLowerCase()));
  }

  /** The Host header must name this server. A page of another name that resolves to us is refused. */
  checkHost({ headers, localAddress, localPort }: Caller): void {
    const host = headers.host?.toLowerCase();
    const [, name, port] = HOST.exec(host ?? '') ?? [];
    if (host !== undefined && name !== undefined) {
      if (this.#hosts.has(host) || this.#hosts.has(name)) return;
      const samePort = localPort === undefined || Number(port ?? 80) === localPort;
      if (samePort && this.#ownNames(localAddress).has(name)) return;
    }
    throw new WeftError('server/bad-host', { host: shown(host) });
  }

  /**
   * Origin must be this server's own or an allowed one; `null` is nobody's. Without one only a page of this server
   * (browsers leave it out of same-origin reads) or a program that is no browser may ask for data.
   * `public` is for the editor's static files, which any page may link to.
   */
  checkOrigin(headers: IncomingHttpHeaders, scope: 'data' | 'public'): void {
    const origin = headers.origin?.toLowerCase();
    if (origin !== undefined) {
      if (this.isAllowedOrigin(origin) || origin === `http://${headers.host?.toLowerCase()}`) return;
      throw new WeftError('server/bad-origin', { origin: shown(origin) });
    }
    const site = headers['sec-fetch-site'];
    if (scope === 'public' || site === undefined || site === 'same-origin' || site === 'none') return;
    throw new WeftError('server/bad-origin', { origin: `none (${shown(String(site))})` });
  }

  /** Another origin that was allowed by name: only these get CORS headers. */
  isAllowedOrigin(origin: string): boolean {
    return this.#origins.has(origin.toLowerCase());
  }

  /** Compared in constant time, as digests, so that neither content nor length leaks. */
  checkToken(token: string | undefined): void {
    if (token !== undefined && timingSafeEqual(digest(token), this.#digest)) return;
    throw new WeftError('server/unauthorized', { received: token === undefined ? 'none' : 'another one' });
  }

  #ownNames(localAddress: string | undefined): Set<string> {
    const names = new Set<string>();
    if (!WILDCARDS.has(this.#host)) names.add(hostName(this.#host));
    if (localAddress === undefined || isLoopback(localAddress)) {
      for (const name of ['localhost', '127.0.0.1', '[::1]']) names.add(name);
    } else {
      names.add(hostName(localAddress));
    }
    return names;
  }
}

/** The token of an `Authorization: Bearer TOKEN` header. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** An address as it stands in a URL or a Host header: IPv6 in brackets, IPv4-mapped as IPv4. */
export function hostName(address: string): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}

export function isLoopback(address: string): boolean {
  const name = hostName(address);
  return name === 'localhost' || name === '[::1]' || /^127\./.test(name);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Foreign text that is told back: short. */
function shown(text: string | undefined): string {
  return text === undefined ? 'none' : text.slice(0, 120);
}
