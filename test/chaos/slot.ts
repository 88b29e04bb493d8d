/** One place for a worker, with links of its own; a worker that ends is replaced. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { LocalStack, WorkerProcess } from '../../src/dev/stack.js';
import { clockEnv } from '../support/clocks.js';
import { startLink } from '../support/link.js';
import type { Link } from '../support/link.js';

import type { Book } from './book.js';
import { startWorkerOnFullDisk } from './full-disk.js';

/** How the next worker of a slot is. */
export interface WorkerTraits {
  readonly clockMs: number;
  readonly hasFullDisk: boolean;
}

export const HEALTHY: WorkerTraits = { clockMs: 0, hasFullDisk: false };

export interface Slot {
  readonly name: string;
  readonly temporal: Link;
  readonly dcs: Link;
  /** Its worker; `null` while there is none, or while it is struck. */
  readonly free: () => WorkerProcess | null;
  /** Keeps others from striking its worker until `work` is done. */
  readonly strike: (work: (worker: WorkerProcess) => Promise<void>) => Promise<void>;
  /** Starts a worker; tries again until there is one. */
  readonly start: (traits?: WorkerTraits) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface SlotOptions {
  readonly name: string;
  readonly stack: LocalStack;
  readonly book: Book;
  readonly signal: AbortSignal;
}

/** A worker that could not start is tried again after so long. */
const AGAIN_MS = 1_000;

const PUT = /^PUT \S*\/instances\/([0-9a-f-]{36})\/async-swap/;

/** Opens a slot without a worker. */
export async function openSlot({ name, stack, book, signal }: SlotOptions): Promise<Slot> {
  const { simulator, temporal: server } = stack;
  const temporal = await startLink(server.address);
  const dcs = await startLink(new URL(simulator.endpoint).host, ({ bytes, port }) => {
    const instanceId = PUT.exec(bytes.toString('latin1'))?.[1];
    if (instanceId !== undefined)
      book.puts.push({ instanceId, atMs: Date.now(), worker: name, port });
  });
  const env = { TEMPORAL_ADDRESS: temporal.address, DCS_ENDPOINT: `http://${dcs.address}` };
  const secrets = [simulator.accessKey, simulator.secretKey, simulator.securityToken ?? ''];
  const hear = (line: string): void => {
    if (secrets.some((secret) => secret !== '' && line.includes(secret)))
      book.breaches.push({ name: 'no-secret', found: `a secret stands in the log of ${name}` });
  };
  let worker: WorkerProcess | null = null;
  let isStruck = false;
  const free = (): WorkerProcess | null => (isStruck ? null : worker);
  return {
    ...{ name, temporal, dcs, free },
    strike: async (work) => {
      const struck = free();
      if (struck === null) return;
      isStruck = true;
      try {
        await work(struck);
      } finally {
        isStruck = false;
      }
    },
    start: async ({ clockMs, hasFullDisk } = HEALTHY) => {
      worker = null;
      const whole = { ...env, ...clockEnv(clockMs) };
      while (!signal.aborted) {
        try {
          worker = hasFullDisk
            ? await startWorkerOnFullDisk({ ...stack.workerEnv(), ...whole })
            : await stack.startWorker(whole, hear);
          return;
        } catch {
          await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
        }
      }
    },
    close: async () => {
      await worker?.stop();
      await Promise.all([temporal.close(), dcs.close()]);
    },
  };
}
