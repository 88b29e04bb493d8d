import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** The dev server takes 1 s to stop when asked. */
const STOP_GRACE_MS = 5_000;
const KEPT_ERROR_CHARS = 4_000;

/** A server process of ours. */
export interface ChildServer {
  /** Resolves with the first text on stdout; rejects when the process ends before. */
  readonly spoke: Promise<void>;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Options of {@link startChildServer}. */
export interface ChildServerOptions {
  /** Environment of the child, complete. */
  readonly env: NodeJS.ProcessEnv;
  /** `ask`: SIGTERM, and SIGKILL after 5 s. `kill`: at once, for a server that has nothing to save. */
  readonly stopBy: 'ask' | 'kill';
}

/**
 * Starts a server in a process group of its own: Ctrl-C reaches only us, so that a worker can drain
 * against a living server before we stop it. It does not outlive us, however we die.
 */
export function startChildServer(
  file: string,
  args: readonly string[],
  { env, stopBy }: ChildServerOptions,
): ChildServer {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => {
      resolve();
    });
  });
  guard(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_ERROR_CHARS);
  });
  const spoke = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', resolve).resume();
    child.once('error', reject);
    // 'close', not 'exit': only then is stderr complete.
    child.once('close', (code) => {
      reject(new Error(`${file} ended with ${code ?? 'a signal'}: ${errors.trim()}`));
    });
  });
  // stop() may come before anybody waits for the first word.
  spoke.catch(() => undefined);
  return { spoke, stop: () => stop(child, ended, stopBy) };
}

async function stop(
  child: ChildProcess,
  ended: Promise<void>,
  by: ChildServerOptions['stopBy'],
): Promise<void> {
  child.kill(by === 'ask' ? 'SIGTERM' : 'SIGKILL');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended;
  clearTimeout(timer);
}

// A shell that waits for the end of its stdin, which comes when this process ends in any way, SIGKILL
// included: exit hooks of ours would miss that one. Not on Windows, which has no sh.
function guard(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const script = 'trap "" INT TERM HUP; read -r _; kill -KILL "$1"';
  const watcher = spawn('/bin/sh', ['-c', script, 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.once('error', () => undefined);
  watcher.stdin.once('error', () => undefined);
  watcher.unref();
  // Without this the pipe would keep us alive, and with it the server.
  (watcher.stdin as unknown as { unref(): void }).unref();
  child.once('exit', () => watcher.kill('SIGKILL'));
}
