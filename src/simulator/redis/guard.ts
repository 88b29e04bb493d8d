import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * A shell that waits for the end of its stdin, which comes when this process ends in any way, SIGKILL
 * included; then it kills the server and removes its folder, and the folder around it once it is empty.
 */
const SCRIPT = [
  'trap "" INT TERM HUP',
  'read -r _',
  'kill -s KILL "$1"',
  'rm -rf -- "$2"',
  'rmdir -- "$(dirname -- "$2")" 2>/dev/null',
].join('; ');

/**
 * Sees to it that a server does not outlive us, however we end: exit hooks of ours would miss a
 * SIGKILL. Not on Windows, which has no sh. Ends with the server.
 */
export function guardServer(server: ChildProcess, directory: string): void {
  if (server.pid === undefined || process.platform === 'win32') return;
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(server.pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own: whatever kills our group must not kill it before it has done its work.
    detached: true,
  });
  watcher.once('error', () => undefined);
  watcher.stdin.once('error', () => undefined);
  watcher.unref();
  // Without this the pipe would keep us alive, and with it the server.
  (watcher.stdin as unknown as { unref(): void }).unref();
  server.once('exit', () => watcher.kill('SIGKILL'));
}
