/**
 * Gives `dev`, demo and tests a Temporal server: the one the environment names, or a dev server of our
 * own on free loopback ports. The dev server is no production server.
 */
import { Connection } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

import { SEARCH_ATTRIBUTES } from '../contract/index.js';
import { startChildServer } from '../local/child-server.js';
import { pickFreePorts } from '../free-ports.js';
import { resolveTemporalCli } from './parts.js';
import type { ResolvedPart } from './parts.js';

/** Up in 0.2 s; a loaded machine gets the rest. */
const START_TIMEOUT_MS = 30_000;
/** A server that somebody named should be up: a wrong name is told soon. */
const NAMED_SERVER_TIMEOUT_MS = 5_000;
/** A free port may be taken between our look and the server's bind; twice in a row is no accident. */
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
 * @throws Error when the dev server does not answer within 30 s, or the named one within 5 s.
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
      if (attempt >= START_ATTEMPTS || !isPortTaken(error)) throw error;
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
    await withTimeout(server.spoke);
    await expectAnswer({ address }, DEFAULT_NAMESPACE, deadline);
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

async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`The Temporal dev server did not start within ${START_TIMEOUT_MS / 1_000} s`),
      );
    }, START_TIMEOUT_MS);
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && error.message.includes('address already in use');
}
