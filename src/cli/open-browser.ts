/** Opens an address in the person's browser, as far as the system has a way to. Never fails the command. */
import { spawn } from 'node:child_process';

export function openInBrowser(url: string): void {
  const [command, ...before] = opener(process.platform);
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  // No browser here: the address was printed.
  child.on('error', () => {});
  child.unref();
}

function opener(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  // Not through cmd.exe, which would read the & of an address as its own.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
