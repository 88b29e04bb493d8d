import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { messageOf, waitUntil } from '../wait.js';
import { LOOPBACK, redisCommand } from './command.js';

/** A running redis-server. */
export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  /** Kills the process without waiting; for the end of our own process. */
  kill(): void;
  /** Kills the process and returns when it is gone. */
  stop(): Promise<void>;
}

/** Time from the start of the process to its first PONG. */
const START_TIMEOUT_MS = 10_000;
/** A port that was free may be taken a moment later by somebody else. */
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

/**
 * Starts a redis-server on a free loopback port and waits for its PONG.
 *
 * @throws Error with the server's own words when it does not start
 */
export async function startRedisServer(path: string, directory: string): Promise<RedisServer> {
  await mkdir(directory, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryStart(path, directory);
    } catch (error) {
      if (attempt >= START_ATTEMPTS || !/address already in use/i.test(messageOf(error)))
        throw error;
    }
  }
}

async function tryStart(path: string, directory: string): Promise<RedisServer> {
  const port = await findFreePort();
  const args = ['--port', String(port), '--dir', directory, ...SERVER_ARGUMENTS];
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  const output = collectOutput(child);
  const failed = failureOf(child, path, output);
  try {
    const pong = waitUntil(`PONG of ${path}`, START_TIMEOUT_MS, async () => {
      return (await redisCommand(port, 'PING')) === 'PONG';
    });
    await Promise.race([pong, failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    port,
    pid: child.pid ?? 0,
    kill: () => child.kill('SIGKILL'),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Rejects when the process cannot be started or ends; never resolves. */
function failureOf(child: ChildProcess, path: string, output: () => string): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      reject(new Error(`Cannot start ${path}: ${error.message}`));
    });
    // `close` comes after the last output, `exit` may come before.
    child.once('close', (code, signal) => {
      reject(new Error(`${path} ended (${String(code ?? signal)}) with: ${output().trim()}`));
    });
  });
  // A server that ends later, on purpose or not, is nobody's start any more.
  failed.catch(() => undefined);
  return failed;
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
