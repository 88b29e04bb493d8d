import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Of what a server says on stderr, this much of the beginning and of the end is kept. */
const KEPT_ERROR_CHARS = 2_000;

/** A server process of ours. */
export interface ChildServer {
  /** Resolves with the first text on stdout; rejects when the process ends before. */
  readonly spoke: Promise<void>;
  /** Kills the process; resolves when it is gone. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a server in a process group of its own: Ctrl-C reaches only us, so that a worker can drain
 * against a living server before we stop it. It does not outlive us, however we die.
 */
export function startChildServer(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildServer {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => {
      resolve();
    });
  });
  guard(child);
  const errors = { head: '', tail: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // A Go panic tells its reason first and then pages of stack; other servers tell it last.
    const room = KEPT_ERROR_CHARS - errors.head.length;
    errors.head += text.slice(0, room);
    errors.tail = (errors.tail + text.slice(room)).slice(-KEPT_ERROR_CHARS);
  });
  const spoke = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', resolve).resume();
    child.once('error', reject);
    // 'close', not 'exit': only then is stderr complete.
    child.once('close', (code) => {
      const words = [errors.head, errors.tail].map((part) => part.trim()).filter(Boolean);
      reject(new Error(`${file} ended with ${code ?? 'a signal'}: ${words.join('\n…\n')}`));
    });
  });
  // stop() may come before anybody waits for the first word.
  spoke.catch(() => undefined);
  const stop = (): Promise<void> => {
    // Killed, not asked: what the dev server acknowledged is on disk if it has a disk, and asking it
    // politely takes 1 to 5 s.
    killGroup(child);
    return ended;
  };
  return { spoke, stop };
}

// The group, because the executable we were given may be a shell script around the server.
function killGroup(child: ChildProcess): void {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (child.pid === undefined || hasEnded) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Windows has no groups, and macOS refuses when the leader is just being reaped.
    child.kill('SIGKILL');
  }
}

// A shell that waits for the end of its stdin, which comes when this process ends in any way, SIGKILL
// included: exit hooks of ours would miss that one. Not on Windows, which has no sh.
function guard(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const script = 'trap "" INT TERM HUP; read -r _; kill -s KILL -- "-$1"';
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
