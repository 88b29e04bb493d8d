import { request } from 'node:http';

import type { Client } from '@temporalio/client';
import {
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  NativeConnection,
} from '@temporalio/worker';
import type { LogEntry, TelemetryOptions } from '@temporalio/worker';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import { METRICS } from '../domain/telemetry.js';
import type { MetricSpec } from '../domain/telemetry.js';
import { pickFreePorts } from '../free-ports.js';
import type { TemporalConfig } from '../temporal/config.js';
import { TemporalUnreachableError } from '../temporal/errors.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';
import { timeoutSignal } from '../util.js';

import { openLogStream } from './log-stream.js';

/** What begins a drain. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Installs the SDK's runtime, once per process: its log through ours (JSON, redacted, without the
 * objects that errors drag along), its metrics where a port is given, and the signals that begin a drain.
 *
 * @param metricsAddress `host:port` for the SDK's Prometheus exporter; `null`: no metrics are kept
 * @throws Error when the address is taken
 */
export function installRuntime(logger: Logger, metricsAddress: string | null): void {
  Runtime.install({
    logger: new DefaultLogger('DEBUG', (entry) => {
      logger[LEVELS[entry.level]](describeMeta(entry), entry.message);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }) },
      ...(metricsAddress === null ? {} : { metrics: exporterOn(metricsAddress) }),
    },
    shutdownSignals: [...STOP_SIGNALS],
  });
}

// The worker's connection to Temporal, and the signals that may come before it stands.

/** What has come of {@link STOP_SIGNALS}. */
export interface Signals {
  readonly seen: () => boolean;
  /** Resolves with the first one. */
  readonly first: Promise<null>;
  readonly release: () => void;
}

/**
 * A signal to stop that comes before the SDK's worker runs would be lost: the SDK's runtime takes it from
 * Node's default, which is to end, and has no worker to report.
 */
export function watchSignals(): Signals {
  let hasCome = false;
  let tell: (value: null) => void;
  const first = new Promise<null>((resolve) => {
    tell = resolve;
  });
  const note = (): void => {
    hasCome = true;
    tell(null);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, note);
  return {
    seen: () => hasCome,
    first,
    release: () => {
      for (const signal of STOP_SIGNALS) process.off(signal, note);
    },
  };
}

/**
 * Asked before the SDK's worker does: that has started threads by then, which stay when it throws, and
 * its error is a dump of the wire.
 *
 * @throws TemporalUnreachableError, TemporalRequestError
 */
export async function findNamespace(
  client: Client,
  { address, namespace }: TemporalConfig,
): Promise<void> {
  const caller = { client, address, rpcTimeoutMs: TEMPORAL_TIMEOUTS_MS.start };
  await callTemporal(caller, 'find the namespace', () =>
    client.workflowService.describeNamespace({ namespace }),
  );
}

/**
 * Connects, unless a signal to stop comes first: then `null`. A server that takes the connection and says nothing
 * takes half a minute: too long for a Ctrl-C.
 *
 * @throws TemporalUnreachableError
 */
export async function connectUnlessStopped(
  temporal: TemporalConfig,
  { first }: Signals,
): Promise<NativeConnection | null> {
  const connecting = connect(temporal);
  const connection = await Promise.race([connecting, first]);
  if (connection === null) connecting.then((late) => late.close()).catch(() => undefined);
  return connection;
}

async function connect({
  address,
  namespace,
  connectionOptions,
}: TemporalConfig): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect({ ...connectionOptions });
  } catch {
    throw new TemporalUnreachableError(address, namespace, 'no-answer', 'connect');
  }
}

/** Seconds and `_total`, as Prometheus wants names. */
function exporterOn(bindAddress: string): NonNullable<TelemetryOptions['metrics']> {
  return {
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: bucketsByName(),
    },
  };
}

function bucketsByName(): Record<string, number[]> {
  const specs: readonly MetricSpec[] = Object.values(METRICS);
  return Object.fromEntries(
    specs.flatMap(({ name, bucketsSeconds }) =>
      bucketsSeconds === undefined ? [] : [[name, [...bucketsSeconds]]],
    ),
  );
}

const LEVELS = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/** Without the task token: 300 characters that say nothing, and let whoever has them answer for the activity. */
function describeMeta({ meta }: LogEntry): Record<string, unknown> {
  const { error, ...rest } = (meta ?? {}) as Record<string, unknown>;
  delete rest['taskToken'];
  if (!(error instanceof Error)) return rest;
  return { ...rest, error: { name: error.name, message: error.message } };
}

const LOOPBACK = '127.0.0.1';

/** Another client may take a free port before the exporter does. */
const MAX_PORT_TRIES = 5;

/** Longest scrape, in milliseconds. */
const SCRAPE_TIMEOUT_MS = 5_000;

/** Largest exposition, in bytes; a worker's has some 100 kB. */
const MAX_EXPOSITION_BYTES = 16 * 1024 * 1024;

/** The text that Prometheus reads. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** The SDK's exporter, on a port of the loopback interface. */
export interface Exporter {
  /**
   * @param install binds the exporter to an address, `host:port`; throws when it is taken
   * @throws whatever `install` throws at the last try
   */
  readonly start: (install: (address: string) => void) => Promise<void>;
  /** What there is to scrape; nothing before the start. */
  readonly scrape: () => Promise<Exposition>;
}

/** An exporter that is yet to be started on a free port. */
export function createExporter(): Exporter {
  let port: number | undefined;
  return {
    start: async (install) => {
      for (let tries = 1; port === undefined; tries += 1) {
        const [free = 0] = await pickFreePorts(1);
        try {
          install(`${LOOPBACK}:${free}`);
          port = free;
        } catch (error) {
          if (tries >= MAX_PORT_TRIES) throw error;
        }
      }
    },
    scrape: () => (port === undefined ? Promise.resolve(NOTHING_YET) : scrape(port)),
  };
}

const NOTHING_YET: Exposition = { contentType: 'text/plain; version=0.0.4', text: '' };

function scrape(port: number): Promise<Exposition> {
  const signal = timeoutSignal(SCRAPE_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const call = request(
      { host: LOOPBACK, port, path: '/metrics', agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_EXPOSITION_BYTES) call.destroy(new Error('the exposition is too large'));
          else chunks.push(chunk);
        });
        answer.once('error', reject);
        answer.once('end', () => {
          const contentType = answer.headers['content-type'] ?? 'text/plain; version=0.0.4';
          resolve({ contentType, text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    call.once('error', reject);
    call.end();
  });
}

/** Names under which a secret could be attached to a log line, at the depths where libraries put them. */
const SECRET_FIELDS = [
  'accessKey',
  'secretKey',
  'securityToken',
  'authorization',
  'Authorization',
  'headers',
  'config',
  'request',
  'response',
  'x-auth-token',
  'X-Auth-Token',
  'x-security-token',
  'X-Security-Token',
];
const PLACES = ['', '*.', '*.*.', '*.*.*.'];

/**
 * JSON lines on stderr, because stdout belongs to data. Redaction is the second line of defence: the
 * first is that no error that holds a request ever leaves the DCS client.
 *
 * @param destination @default stderr
 */
export function createLogger(
  level: 'debug' | 'info' | 'warn' | 'error',
  destination: DestinationStream = openLogStream(2),
): Logger {
  const paths = PLACES.flatMap((place) => SECRET_FIELDS.map((field) => pathOf(place, field)));
  return pino(
    { level, base: { name: 'dcs-switchover', pid: process.pid }, redact: paths },
    destination,
  );
}

function pathOf(place: string, field: string): string {
  return /^\w+$/.test(field) ? `${place}${field}` : `${place.replace(/\.$/, '')}["${field}"]`;
}
