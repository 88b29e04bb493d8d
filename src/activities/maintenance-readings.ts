import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { activityInfo } from '@temporalio/activity';

import type { RolesSnapshot, ObservedMaster } from '../contract/index.js';
import { DcsError } from '../dcs/index.js';
import type { DcsClient, InstanceDetails, NodeInfo } from '../dcs/index.js';
import type { Observed } from '../domain/facts.js';
import { classifyRead } from '../domain/retry-classification.js';
import { askedPauseMs } from '../domain/timing.js';
import { isRecord } from '../util.js';

import { startStopwatch } from './clock.js';
import { createSession, readNodes, tagsOrUnknown } from './session.js';
import { isWithoutTurn, turnUntil } from './turns.js';

/** Attempts of one reading; each is one HTTP call. */
const MAX_ATTEMPTS = 4;

/** Pause before the second attempt, doubled before each further one, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;

/** Longest pause that the API may ask for, in milliseconds. */
const MAX_PAUSE_MS = 30_000;

/** The part of the activity's own time that readings may take; the rest is for reporting. */
const SHARE = 0.8;

/** Repeats single readings, so that one throttled call out of hundreds does not repeat all of them. */
interface RetryBudget {
  /** @throws DcsError the last failure, when it will not pass or time is over */
  readonly repeat: <T>(read: () => Promise<T>) => Promise<T>;
}

/** Patience for one activity execution; ends before the activity's own timeout does, and with the signal. */
function createRetryBudget(signal: AbortSignal): RetryBudget {
  const elapsed = startStopwatch();
  const patienceMs = activityInfo().startToCloseTimeoutMs * SHARE;
  return {
    repeat: async (read) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await read();
        } catch (error) {
          const pauseMs = pauseBefore(error, attempt);
          if (pauseMs === null || elapsed().atMostMs + pauseMs >= patienceMs) throw error;
          await sleep(pauseMs, undefined, { signal });
        }
      }
    },
  };
}

/** How long to wait before the next attempt; `null`: there is none. */
function pauseBefore(error: unknown, attempt: number): number | null {
  if (!(error instanceof DcsError) || attempt >= MAX_ATTEMPTS || !mayPass(error)) return null;
  // Its turns were waited for already.
  if (isWithoutTurn(error)) return null;
  const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return askedPauseMs(pauseMs, MAX_PAUSE_MS, Math.random());
}

/** Whether a reading that failed so may work later. */
export function mayPass(error: DcsError): boolean {
  return ['RETRY', 'WAIT', 'THROTTLED'].includes(classifyRead(error));
}

/** The readings of a maintenance; each is repeated while its failure may pass. */
export interface InstanceReader {
  readonly instances: () => Promise<readonly InstanceDetails[]>;
  /** The nodes of all instances, by instance id. */
  readonly allNodes: () => Promise<ReadonlyMap<string, readonly NodeInfo[]>>;
  readonly instance: (instanceId: string) => Promise<Observed<InstanceDetails>>;
  /** `null` where they are not shown to us. */
  readonly tags: (instanceId: string) => Promise<InstanceDetails['tags']>;
  readonly nodes: (instanceId: string) => Promise<Observed<readonly NodeInfo[]>>;
  /** Request id of the last answer, for people who look at the running activity. */
  readonly lastRequestId: () => string | null;
}

/** Readings for the length of one execution; a refused credential is replaced once in it. */
export function createInstanceReader(
  dcs: DcsClient,
  signal: AbortSignal,
  latestStartMs: number,
): InstanceReader {
  const session = createSession(dcs);
  const { repeat } = createRetryBudget(signal);
  // A lost worker's successor reads everything again; the activity's own time bounds it besides.
  const { currentAttemptScheduledTimestampMs, startToCloseTimeoutMs } = activityInfo();
  const ownEndMs = currentAttemptScheduledTimestampMs + startToCloseTimeoutMs * SHARE;
  const options = { signal, turn: turnUntil('planning', Math.min(latestStartMs, ownEndMs)) };
  return {
    instances: async () =>
      (await repeat(() => session.read(() => dcs.listInstances(options)))).value,
    allNodes: async () => {
      const { value } = await repeat(() => session.read(() => dcs.listAllNodes(options)));
      return new Map(value.map(({ instanceId, nodes }) => [instanceId, nodes]));
    },
    instance: (instanceId) =>
      repeat(() => session.read(() => dcs.showInstance(instanceId, options))),
    tags: (instanceId) =>
      tagsOrUnknown(() => repeat(() => session.read(() => dcs.showTags(instanceId, options)))),
    nodes: (instanceId) => repeat(() => session.read(() => readNodes(dcs, instanceId, options))),
    lastRequestId: session.lastRequestId,
  };
}

/**
 * Maps in order, a few at a time, the first alone: what fails for all fails once.
 *
 * @param stop notified when one fails: the others are to give up
 * @returns the results in the order of the items
 * @throws what `map` threw first, once nothing of it goes on any more
 */
export async function mapInParallel<T, R>(
  items: readonly T[],
  { limit, stop }: { readonly limit: number; readonly stop: () => void },
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const work = async (until: number): Promise<void> => {
    while (next < until && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await map(items[index] as T);
      } catch (error) {
        failures.push(error);
        stop();
      }
    }
  };
  await work(Math.min(1, items.length));
  await Promise.all(Array.from({ length: limit }, () => work(items.length)));
  if (failures.length > 0) throw failures[0];
  return results;
}

// What planning has read so far, as the next attempt finds it in the heartbeat of one that was lost.

/** Raised whenever an inspection changes its shape: what another version has kept is read again. */
const VERSION = 1;

/**
 * Longest text, in characters, that a heartbeat carries: the server warns from 512 KB on. An instance takes 300 to
 * 400 of them; what does not fit is read again.
 */
const MAX_LENGTH = 400_000;

/** Instances that are packed at a time: all of them at each heartbeat would cost a busy worker seconds. */
const PACK_SIZE = 25;

/** Instances that were read, in packs, for the heartbeat. */
export interface ReadSoFar {
  /** What an earlier attempt had read, by instance id. */
  readonly known: ReadonlyMap<string, Inspection>;
  readonly add: (inspection: Inspection) => void;
  /** Packs of inspections, for the heartbeat. */
  readonly packs: () => readonly string[];
  /** How many instances have been read, by all attempts. */
  readonly count: () => number;
}

/** Goes on from the heartbeat of a lost attempt of this activity; what cannot be understood of it is not there. */
export function resumeReading(): ReadSoFar {
  const packs: string[] = [...earlierPacks(activityInfo().heartbeatDetails)];
  const earlier = packs.flatMap(unpack);
  const known = new Map(earlier.map((inspection) => [inspection.instanceId, inspection]));
  let unpacked: Inspection[] = [];
  let length = packs.reduce((sum, pack) => sum + pack.length, 0);
  let count = known.size;
  const add = (inspection: Inspection): void => {
    count += 1;
    // What could not be read may be readable next time.
    if (inspection.unreadable !== null) return;
    unpacked.push(inspection);
    if (unpacked.length < PACK_SIZE) return;
    const packed = pack(unpacked);
    unpacked = [];
    if (length + packed.length > MAX_LENGTH) return;
    packs.push(packed);
    length += packed.length;
  };
  return {
    ...{ known, add, count: () => count },
    packs: () => (unpacked.length === 0 ? packs : [...packs, pack(unpacked)]),
  };
}

function earlierPacks(details: unknown): readonly string[] {
  const packs = isRecord(details) && details['version'] === VERSION ? details['packs'] : null;
  return Array.isArray(packs) ? packs.filter((each) => typeof each === 'string') : [];
}

/** The part of a heartbeat's details that the next attempt reads. */
export function toHeartbeat(read: ReadSoFar): Record<string, unknown> {
  return { version: VERSION, packs: read.packs() };
}

function pack(inspections: readonly Inspection[]): string {
  return deflateRawSync(JSON.stringify(inspections)).toString('base64');
}

function unpack(packed: string): Inspection[] {
  try {
    return JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString()) as Inspection[];
  } catch {
    return [];
  }
}

/** One instance as it was found. */
export interface Inspection {
  readonly instanceId: string;
  /** What the instance's own page shows, else what the list did; `null` where neither was read. */
  readonly details: InstanceDetails | null;
  /** As the instance's page, the list, or ShowTags shows them, in this order; `null`: not known. */
  readonly tags: InstanceDetails['tags'];
  readonly roles: RolesSnapshot | null;
  readonly master: ObservedMaster | null;
  /** Why something of it could not be read, as text; `null` where all was. */
  readonly unreadable: string | null;
}
