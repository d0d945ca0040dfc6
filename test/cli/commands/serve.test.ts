import { describe, expect, it } from 'vitest';
import { EXIT, WeftError } from '../../../src/errors.ts';
import type { ServeOptions } from '../../../src/protocol/application.ts';
import { startWeft, weft } from '../captured-run.ts';

function setUp() {
  const controller = new AbortController();
  const seen: { options?: ServeOptions; closed: number } = { closed: 0 };
  const serve = async (options: ServeOptions = {}) => {
    seen.options = options;
    const url = 'http://127.0.0.1:7878/#token=abc';
    return { url, port: 7878, token: 'abc', close: async () => void seen.closed++ };
  };
  return { controller, seen, options: { application: { serve }, signal: controller.signal, cwd: '/somewhere' } };
}

describe('weft serve', () => {
  it('prints the address, serves until Ctrl-C, and ends well', async () => {
    const { controller, seen, options } = setUp();
    const live = startWeft(['serve', '--port', '0', '--root', 'photos', '--out', 'results'], options);
    await expect.poll(live.out, { timeout: 20_000 }).toContain('http://127.0.0.1:7878/#token=abc');
    expect(seen.closed).toBe(0);
    controller.abort();
    const { code, asked, err } = await live.finished;
    expect([code, seen.closed, err]).toEqual([EXIT.ok, 1, '']);
    expect(seen.options).toEqual({ port: 0, allowOrigins: [], allowHosts: [] });
    expect(asked).toEqual([
      { bases: ['/somewhere'], roots: ['/somewhere/photos'], outputFolder: '/somewhere/results' },
    ]);
  });

  it('hands on host, token and what is allowed, and warns when other machines can reach it', async () => {
    const { controller, seen, options } = setUp();
    controller.abort();
    const argv = ['--host', '0.0.0.0', '--token', 'a-token-of-some-length', '--allow-origin', 'https://lab.example/'];
    const { err } = await weft(['serve', ...argv, '--allow-host', 'weft.example'], options);
    expect(seen.options).toEqual({
      host: '0.0.0.0',
      token: 'a-token-of-some-length',
      allowOrigins: ['https://lab.example'],
      allowHosts: ['weft.example'],
    });
    expect(err).toContain('other machines can reach this server');
  });

  it('takes the token from the environment, where no list of processes shows it', async () => {
    const { controller, seen, options } = setUp();
    controller.abort();
    await weft(['serve'], { ...options, env: { WEFT_TOKEN: 'from-the-environment' } });
    expect(seen.options?.token).toBe('from-the-environment');
  });

  it.each([
    ['--port', 'http'],
    ['--port', '65536'],
    ['--port', '-1'],
    ['--port', '1e3'],
    ['--allow-origin', 'lab.example'],
    ['--allow-origin', 'null'],
    ['--allow-origin', 'file:///tmp'],
  ])('refuses %s %s', async (option, value) => {
    const { options } = setUp();
    const { code, err, asked } = await weft(['serve', `${option}=${value}`], options);
    expect([code, asked]).toEqual([EXIT.usage, []]);
    expect(err).toContain(option);
  });

  it('ends with the code for a port in use', async () => {
    const error = new WeftError('server/port-in-use', { host: '127.0.0.1', port: 7878 });
    const { code, err } = await weft(['serve'], { application: { serve: () => Promise.reject(error) } });
    expect(code).toBe(EXIT.environment);
    expect(err).toContain('choose a port with --port');
  });
});
