import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';

import { TemporalUnreachableError } from '../temporal/errors.js';
import { callTemporal, TEMPORAL_TIMEOUTS_MS } from '../temporal/rpc.js';

/** A worker as far as its health is concerned. */
type WatchedWorker = Pick<Worker, 'getState'>;

/** What `/healthz` reports. */
interface Liveness {
  readonly alive: boolean;
  /** State of the worker by the SDK's word; `STARTING` before there is one. */
  readonly worker: string;
}

/** What `/readyz` reports. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, as text; `null` when ready. */
  readonly reason: string | null;
  readonly worker: string;
  /** `null`: Temporal answers; else what is wrong. Not asked before the worker runs. */
  readonly temporal: string | null;
  readonly workflowBundle: boolean;
}

/** What readiness looks at besides the worker. */
export interface HealthProbes {
  /** Whether the workflow bundle can be read. */
  readonly hasBundle: () => boolean;
  /** `null` when Temporal answers, else why not. Must be bounded. */
  readonly probeTemporal: () => Promise<string | null>;
}

/** Health of a worker process. */
export interface Health {
  /** From now on this worker is looked at. */
  watch(worker: WatchedWorker, probes: Pick<HealthProbes, 'probeTemporal'>): void;
  /** Alive unless the worker has failed: an orchestrator should then start another process. */
  liveness(): Liveness;
  /** Ready while the worker takes tasks: not before it runs, not while it drains, not without Temporal. */
  readiness(): Promise<Readiness>;
}

/** Health of a process whose worker is yet to be created. */
export function createHealth({ hasBundle }: Pick<HealthProbes, 'hasBundle'>): Health {
  let watched: (Pick<HealthProbes, 'probeTemporal'> & { worker: WatchedWorker }) | undefined;
  const state = (): string => watched?.worker.getState() ?? 'STARTING';
  return {
    watch: (worker, probes) => {
      watched = { worker, ...probes };
    },
    liveness: () => ({ alive: state() !== 'FAILED', worker: state() }),
    readiness: async () => {
      const isRunning = state() === 'RUNNING';
      const temporal = watched !== undefined && isRunning ? await watched.probeTemporal() : null;
      // Read again: the answer may have taken seconds.
      const seen = { worker: state(), temporal, workflowBundle: hasBundle() };
      const reason = whyNotReady(seen);
      return { ready: reason === null, reason, ...seen };
    },
  };
}

function whyNotReady(seen: Omit<Readiness, 'ready' | 'reason'>): string | null {
  if (!seen.workflowBundle) return 'the workflow bundle is missing: this worker cannot start again';
  if (seen.worker !== 'RUNNING') return LABELS[seen.worker] ?? 'the worker is draining';
  return seen.temporal;
}

const LABELS: Readonly<Record<string, string>> = {
  STARTING: 'the worker is starting',
  INITIALIZED: 'the worker is starting',
  STOPPED: 'the worker has stopped',
  FAILED: 'the worker has failed',
};

/** How long an answer counts, in milliseconds. */
const CACHE_MS = 3_000;

/**
 * Asks Temporal for the worker's namespace: at most once in a few seconds, one question at a time,
 * each with a deadline.
 *
 * @returns a function giving `null` when it answers, else why not
 */
export function createTemporalProbe(
  client: Client,
  {
    cacheMs = CACHE_MS,
    timeoutMs = TEMPORAL_TIMEOUTS_MS.readiness,
  }: { readonly cacheMs?: number; readonly timeoutMs?: number } = {},
): () => Promise<string | null> {
  let latest: { readonly askedAtMs: number; readonly answer: Promise<string | null> } | undefined;
  return () => {
    const nowMs = performance.now();
    if (latest === undefined || nowMs - latest.askedAtMs > Math.max(cacheMs, timeoutMs))
      latest = { askedAtMs: nowMs, answer: ask(client, timeoutMs) };
    return latest.answer;
  };
}

/** Of a failure only its kind: texts of errors may name what is no one's business. */
async function ask(client: Client, rpcTimeoutMs: number): Promise<string | null> {
  const { workflowService, options } = client;
  try {
    await callTemporal({ client, rpcTimeoutMs }, 'find the namespace', () =>
      workflowService.describeNamespace({ namespace: options.namespace }),
    );
    return null;
  } catch (error) {
    return `Temporal ${error instanceof TemporalUnreachableError ? error.problem : 'does not answer'}`;
  }
}
