/**
 * Gives `dev`, demo and tests a Temporal server: the one the environment names, or a dev server of our
 * own on free loopback ports. The dev server is no production server.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

import { SEARCH_ATTRIBUTES } from '../contract/index.js';
import { pickFreePorts } from '../free-ports.js';

import { resolveTemporalCli } from './parts.js';
import type { ResolvedPart } from './parts.js';

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
    // A Go panic reports its reason first and then pages of stack; other servers report it last.
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
  // stop() may come before anyone waits for the first word.
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

/** For one attempt. Up in 0.2 s; a loaded machine gets the rest. */
const START_TIMEOUT_MS = 60_000;
/** A server that someone named should be up: a wrong name is reported soon. */
const NAMED_SERVER_TIMEOUT_MS = 5_000;
/**
 * A free port may be taken between our look and the server's bind; twice in a row is no accident. A server that lives
 * and never answers was seen once, among thousands of starts, on a busy machine.
 */
const START_ATTEMPTS = 3;
const LOOPBACK = '127.0.0.1';
const DEFAULT_NAMESPACE = 'default';

/** A Temporal server that answers. */
export interface TemporalServer {
  /** `host:port` of its gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Of the Web UI; null where there is none or it is not ours to know. */
  readonly uiUrl: string | null;
  /** The CLI it runs in, which may be used for commands as well; null for a server we did not start. */
  readonly cliPath: string | null;
  /** Where it came from: `TEMPORAL_ADDRESS`, or the way by which the CLI was found. */
  readonly source: string;
  /** Stops it and waits for its end; may be called twice. A server we did not start is left alone. */
  stop(): Promise<void>;
}

/** Options of {@link startTemporalServer}. */
export interface TemporalServerOptions {
  /** Whether to serve the Web UI. @default true if `uiPort` is given */
  readonly ui?: boolean;
  /** Port of the Web UI. @default a free port */
  readonly uiPort?: number;
  /** Port of the gRPC frontend. @default a free port */
  readonly port?: number;
  /** File that keeps what the server knows. @default in memory */
  readonly dbFilename?: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether to register our search attributes. @default true */
  readonly searchAttributes?: boolean;
  /** Settings of the server's dynamic configuration, such as its limits. @default none */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean>>;
}

/**
 * Gives a Temporal server that answers: with `TEMPORAL_ADDRESS` set the server named there (its search
 * attributes are its owner's business), else a dev server that ends with this process at the latest.
 *
 * @throws PartUnavailableError when there is no Temporal CLI to be had.
 * @throws Error when the dev server ends, or does not answer within 60 s three times, or the named one within 5 s.
 */
export async function startTemporalServer(
  options: TemporalServerOptions = {},
): Promise<TemporalServer> {
  const env = options.env ?? process.env;
  if ((env['TEMPORAL_ADDRESS'] ?? '') !== '') return useNamedServer(env);
  const cli = await resolveTemporalCli(env);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startDevServer(cli, options, env);
    } catch (error) {
      if (attempt >= START_ATTEMPTS || !mayDoBetter(error)) throw error;
    }
  }
}

async function useNamedServer(env: NodeJS.ProcessEnv): Promise<TemporalServer> {
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  const address = env['TEMPORAL_ADDRESS'] ?? '';
  try {
    await expectAnswer(connectionOptions, null, Date.now() + NAMED_SERVER_TIMEOUT_MS);
  } catch (error) {
    const message = `The Temporal server of TEMPORAL_ADDRESS=${address} does not answer. Correct the variable, or unset it to have a dev server started.`;
    throw new Error(message, { cause: error });
  }
  return {
    address,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    uiUrl: null,
    cliPath: null,
    source: 'TEMPORAL_ADDRESS',
    stop: () => Promise.resolve(),
  };
}

async function startDevServer(
  cli: ResolvedPart,
  options: TemporalServerOptions,
  env: NodeJS.ProcessEnv,
): Promise<TemporalServer> {
  const [freePort, freeUiPort] = await pickFreePorts(2);
  const port = options.port ?? freePort ?? 0;
  const wantsUi = options.ui ?? options.uiPort !== undefined;
  const uiPort = wantsUi ? (options.uiPort ?? freeUiPort ?? 0) : null;
  const address = `${LOOPBACK}:${port}`;
  const server = startChildServer(cli.path, devServerArgs(port, uiPort, options), env);
  try {
    // First its own word, then the gRPC answer: an answer alone might come from another server that
    // took the port before ours could.
    const deadline = Date.now() + START_TIMEOUT_MS;
    await Promise.race([server.spoke, startTimeout()]);
    await expectAnswer({ address }, DEFAULT_NAMESPACE, deadline).catch((cause: unknown) => {
      throw new Error(MUTE, { cause });
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    address,
    namespace: DEFAULT_NAMESPACE,
    uiUrl: uiPort === null ? null : `http://${LOOPBACK}:${uiPort}`,
    cliPath: cli.path,
    source: cli.source,
    stop: () => server.stop(),
  };
}

function devServerArgs(
  port: number,
  uiPort: number | null,
  { dbFilename, searchAttributes = true, dynamicConfig = {} }: TemporalServerOptions,
): string[] {
  const attributes = searchAttributes ? Object.values(SEARCH_ATTRIBUTES) : [];
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port)],
    ...['--namespace', DEFAULT_NAMESPACE, '--log-level', 'error'],
    // Otherwise it calls home at every start.
    ...['--dynamic-config-value', 'frontend.enableServerVersionCheck=false'],
    ...Object.entries(dynamicConfig).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${String(value)}`,
    ]),
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
    ...attributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

async function expectAnswer(
  options: ConnectionOptions,
  namespace: string | null,
  deadline: number,
): Promise<void> {
  // Connecting includes get-system-info.
  const connectTimeout = Math.max(1, deadline - Date.now());
  const connection = await Connection.connect({ ...options, connectTimeout });
  try {
    if (namespace === null) return;
    await connection.withDeadline(deadline, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}

const MUTE = `The Temporal dev server did not answer within ${START_TIMEOUT_MS / 1_000} s`;

async function startTimeout(): Promise<never> {
  await sleep(START_TIMEOUT_MS, undefined, { ref: false });
  throw new Error(MUTE);
}

function mayDoBetter(error: unknown): boolean {
  const { message } = error as Error;
  return message === MUTE || message.includes('address already in use');
}
