import type { Worker } from '@temporalio/worker';

/** A worker as far as its health is concerned. */
export type WatchedWorker = Pick<Worker, 'getState'>;

/** What `/healthz` tells. */
export interface Liveness {
  readonly alive: boolean;
  /** State of the worker by the SDK's word; `STARTING` before there is one. */
  readonly worker: string;
}

/** What `/readyz` tells. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, in words; `null` when ready. */
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
  if (seen.worker !== 'RUNNING') return WORDS[seen.worker] ?? 'the worker is draining';
  return seen.temporal;
}

const WORDS: Readonly<Record<string, string>> = {
  STARTING: 'the worker is starting',
  INITIALIZED: 'the worker is starting',
  STOPPED: 'the worker has stopped',
  FAILED: 'the worker has failed',
};
