import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';

import { messageOf, waitUntil } from '../basics.js';

import { configLines } from './access.js';
import type { RedisAccess } from './access.js';
import { LOOPBACK, redisCommandAs } from './command.js';

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
function guardServer(server: ChildProcess, directory: string): void {
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

/** A running redis-server; it ends with the signal it was started with. */
export interface RedisServer {
  readonly port: number;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  /** Kills it; returns when it is gone. */
  kill(): Promise<void>;
}

/** Time from the start of the process to its first answer. */
const START_TIMEOUT_MS = 30_000;
/** A port that was free may be taken a moment later by another process. */
const START_ATTEMPTS = 3;
/** Enough of the server's output to see why it did not start. */
const MAX_OUTPUT_CHARS = 4000;

/** No persistence, little memory, and a replication that starts without waiting for more replicas. */
const SERVER_ARGUMENTS = [
  ['--bind', LOOPBACK],
  ['--save', ''],
  ['--appendonly', 'no'],
  ['--daemonize', 'no'],
  ['--loglevel', 'warning'],
  ['--maxmemory', '64mb'],
  ['--repl-diskless-sync', 'yes'],
  ['--repl-diskless-sync-delay', '0'],
].flat();

/** What a server is started with. */
export interface ServerSpec {
  /** A `redis-server` or `valkey-server`. */
  readonly path: string;
  /** A folder of its own. */
  readonly directory: string;
  /** Whom it lets in; read at each start. */
  readonly access: RedisAccess;
  /** Aborted to kill it at once, also while it starts. */
  readonly signal: AbortSignal;
}

/**
 * Starts a redis-server on a free loopback port and waits until it answers.
 *
 * @throws Error with the server's own words when it does not start
 */
export async function startRedisServer(spec: ServerSpec): Promise<RedisServer> {
  await mkdir(spec.directory, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startRedisServerAt(await findFreePort(), spec);
    } catch (error) {
      if (attempt >= START_ATTEMPTS || !/address already in use/i.test(messageOf(error)))
        throw error;
    }
  }
}

/** The same at a port of one's own, such as that of a server that is gone. */
export async function startRedisServerAt(port: number, spec: ServerSpec): Promise<RedisServer> {
  const { path, directory, access, signal } = spec;
  // What must not be seen in a list of processes comes by stdin.
  const args = ['-', '--port', String(port), '--dir', directory, ...SERVER_ARGUMENTS];
  const child = spawn(path, args, { stdio: 'pipe', env: {}, signal, killSignal: 'SIGKILL' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(configLines(access).join('\n'));
  guardServer(child, directory);
  const end = watchEnd(child, path);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await end.gone;
  };
  try {
    await waitUntil(`Start of ${path}`, START_TIMEOUT_MS, async () => {
      return end.reason() !== null || (await isOurs(port, spec));
    });
  } catch (error) {
    await kill();
    throw error;
  }
  const reason = end.reason();
  if (reason !== null) throw new Error(reason);
  return { port, gone: end.gone, kill };
}

/** A PONG would not do: the port may have gone to another Redis. The folder is this server's alone. */
async function isOurs(port: number, { directory, access }: ServerSpec): Promise<boolean> {
  const answer = await redisCommandAs(access.own, port, 'CONFIG', 'GET', 'dir');
  const reported = Array.isArray(answer) ? String(answer[1]) : '';
  return basename(reported) === basename(directory);
}

interface End {
  /** Why the process is gone; `null` while it runs. */
  readonly reason: () => string | null;
  readonly gone: Promise<void>;
}

function watchEnd(child: ChildProcess, path: string): End {
  const output = collectOutput(child);
  let reason: string | null = null;
  const gone = new Promise<void>((resolve) => {
    // Also reports the abort, which `close` follows; only a process that never was has no `close`.
    child.on('error', (error) => {
      reason ??= `Cannot start ${path}: ${error.message}`;
      if (child.pid === undefined) resolve();
    });
    // `close` comes after the last output, `exit` may come before.
    child.once('close', (code, signal) => {
      reason ??= `${path} ended (${String(code ?? signal)}) with: ${output().trim()}`;
      resolve();
    });
  });
  return { reason: () => reason, gone };
}

function collectOutput(child: ChildProcess): () => string {
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return () => output;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
