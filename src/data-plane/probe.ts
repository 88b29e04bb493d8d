/** A probe measures how long the Redis at an address does not answer, and how many acknowledged writes are lost. */
import type { DataPlaneReport } from '../contract/index.js';
import { iso, timeoutSignal } from '../util.js';

import type { DataPlaneAccess } from './access.js';
import { openConnection } from './connection.js';
import { toDataPlaneFailure } from './failure.js';
import { watchIdleConnection } from './idle-connection.js';
import { analyseLane, findGaps, stripOf } from './interruptions.js';
import type { Context } from './interruptions.js';
import { compareKeyspaces, readKeyspace } from './keyspace.js';
import type { Keyspace } from './keyspace.js';
import { startLane } from './lane.js';
import type { Lane, Task } from './lane.js';
import { PATIENT } from './look.js';
import { watchStalls } from './stalls.js';
import { countLost, createTestWrites, isKeyLost, probeKey } from './test-writes.js';
import type { TestWrites } from './test-writes.js';

/** What a probe measured. A lane that could not be measured is `null`, and a sentence says why. */
export interface ProbeFigures extends Pick<
  DataPlaneReport,
  'write' | 'read' | 'idleConnection' | 'lostWrites' | 'quality'
> {
  /** A probe does not know when the PUT left: whoever does says `begins-late`. */
  readonly coverage: Exclude<DataPlaneReport['coverage'], 'begins-late'>;
  /** Such as `Writes: AUTH: Redis refused user or password`; empty where all that was asked for was measured. */
  readonly notMeasured: readonly string[];
}

/** A probe at work. */
export interface RunningProbe {
  /** The strip so far of writes, else of reads: at most 2 KB, for heartbeats. */
  readonly strip: () => string;
  /** Since when its lanes have worked, by this worker's clock, epoch milliseconds; `null`: not yet. */
  readonly armedAtMs: () => number | null;
  /**
   * Ends it, removes its key and reports: 0.3 s, and up to 9 s where Redis does not answer. Of the idle connection
   * `atMs` is by this worker's clock, epoch milliseconds, not yet after the PUT. Never throws.
   */
  readonly stop: () => Promise<ProbeFigures>;
  /** Ends it and removes its key. Never throws. */
  readonly abandon: () => Promise<void>;
}

/** How a probe measures. */
export interface ProbeOptions {
  /** Part of its key's name. */
  readonly runId: string;
  /** Between two commands of a lane, 20 to 100 ms. */
  readonly periodMs: number;
  /** Whether test writes are sent; without, reads alone. */
  readonly write: boolean;
  /** How long the key lives where it cannot be removed; more than the run may take. In milliseconds. */
  readonly ttlMs: number;
}

/** Runs of the strip so far: heartbeats hold other things as well. */
const MAX_LIVE_RUNS = 256;

/** Begins to measure. Whatever goes wrong with Redis is in the figures. */
export function startProbe(access: DataPlaneAccess, options: ProbeOptions): RunningProbe {
  const { periodMs } = options;
  const key = probeKey(options.runId);
  const toEpochMs = startClock();
  const watch = watchStalls();
  const session: Session = { context: { stalls: watch.stalls, periodMs }, toEpochMs };
  const startMs = performance.now();
  const writes = options.write ? createTestWrites(key, options.ttlMs) : null;
  const write = writes && startLane(access, writes.task, { startMs, periodMs });
  // Half a period later, so that the two do not wait for each other.
  const read = startLane(access, readOf(key), { startMs: startMs + periodMs / 2, periodMs });
  const lanes = [write, read].filter((lane) => lane !== null);
  const idle = watchIdleConnection(access, `${key}:r`, () => armedAtMs(lanes) !== null);
  const end = async () => {
    await Promise.all(lanes.map((lane) => lane.stop()));
    watch.stop();
    return Promise.all([idle.end(), writes === null ? null : takeKey(access, key)]);
  };
  return {
    strip: () => stripOf((write ?? read).log.stretches, session.context, MAX_LIVE_RUNS),
    armedAtMs: () => toEpochOrNull(armedAtMs(lanes), toEpochMs),
    stop: async () => {
      const [idleEnd, taken] = await end();
      return {
        ...toFigures({ write, read }, session),
        idleConnection: idleEnd && { ...idleEnd, atMs: toEpochOrNull(idleEnd.atMs, toEpochMs) },
        lostWrites:
          write !== null && writes !== null && taken !== null && isMeasured(write)
            ? toLostWrites(taken, writes, write, session.context)
            : null,
      };
    },
    abandon: async () => {
      await end();
    },
  };
}

interface Session {
  readonly context: Context;
  readonly toEpochMs: (ms: number) => number;
}

/** From monotonic milliseconds to this worker's clock, as it was at the beginning: a step of it moves nothing. */
function startClock(): Session['toEpochMs'] {
  const [epochMs, startMs] = [Date.now(), performance.now()];
  return (ms) => Math.round(epochMs + ms - startMs);
}

function toEpochOrNull(ms: number | null, toEpochMs: Session['toEpochMs']): number | null {
  return ms === null ? null : toEpochMs(ms);
}

/** A key that is never there: what counts is the answer. */
function readOf(key: string): Task {
  return {
    prepare: () => Promise.resolve(),
    next: () => ({ words: ['GET', `${key}:r`], mark: 0 }),
    acknowledged: () => undefined,
  };
}

/** Since when all lanes that can be measured have worked, monotonic. */
function armedAtMs(lanes: readonly Lane[]): number | null {
  const since = lanes.filter((lane) => lane.problem() === null).map(({ log }) => log.armedAtMs());
  const known = since.filter((ms) => ms !== null);
  return known.length === 0 || known.length < since.length ? null : Math.max(...known);
}

function isMeasured({ log, problem }: Lane): boolean {
  return problem() === null && log.armedAtMs() !== null;
}

function toFigures(
  { write, read }: { readonly write: Lane | null; readonly read: Lane },
  { context, toEpochMs }: Session,
): Omit<ProbeFigures, 'idleConnection' | 'lostWrites'> {
  const sinceMs = armedAtMs([write, read].filter((lane) => lane !== null));
  const analyse = (lane: Lane | null) =>
    lane !== null && isMeasured(lane) ? analyseLane(lane.log, context, toEpochMs, sinceMs) : null;
  const lanes = [analyse(write), analyse(read)] as const;
  const found = lanes.filter((lane) => lane !== null);
  return {
    write: lanes[0]?.report ?? null,
    read: lanes[1]?.report ?? null,
    coverage: found.some(({ endsBroken }) => endsBroken) ? 'ends-broken' : 'whole',
    notMeasured: [
      ...(write === null ? [] : describeProblem('Writes', write)),
      ...describeProblem('Reads', read),
    ],
    quality: {
      periodMs: context.periodMs,
      ownStallMs: Math.round(
        context.stalls.reduce((sum, each) => sum + each.toMs - each.fromMs, 0),
      ),
      unseenMs: Math.max(0, ...found.map(({ unseenMs }) => unseenMs)),
      armedAt: sinceMs === null ? null : iso(toEpochMs(sinceMs)),
    },
  };
}

function describeProblem(name: string, lane: Lane): readonly string[] {
  if (isMeasured(lane)) return [];
  const last = lane.lastFailure();
  const never = `never worked five times in a row${last === null ? '' : ` (${last.message})`}`;
  return [`${name}: ${lane.problem() ?? never}`];
}

/** The key's last content, and where that shows no more why: all keys. Or why it is not known. */
type Taken =
  { readonly bitmap: Buffer | null; readonly keyspace: Keyspace | null } | { readonly why: string };

/**
 * The last questions take no longer than this in all, in milliseconds, whatever of connection, TLS, login and answers
 * takes its time: the end of the run waits for them.
 */
const LAST_QUESTIONS_MS = 6_000;

/** Reads the key and removes it. Never throws: what cannot be removed ends by itself. */
async function takeKey(access: DataPlaneAccess, key: string): Promise<Taken> {
  const signal = timeoutSignal(LAST_QUESTIONS_MS);
  try {
    const connection = await openConnection(access, { ...PATIENT, signal });
    try {
      const answer = await connection.ask('GET', key);
      const bitmap = answer.type === 'bytes' ? answer.bytes : null;
      const keyspace = isKeyLost(bitmap) ? await readKeyspace(connection) : null;
      await connection.ask('DEL', key).catch(() => undefined);
      return { bitmap, keyspace };
    } finally {
      connection.close();
    }
  } catch (error) {
    return { why: signal.aborted ? NO_LAST_ANSWER : toDataPlaneFailure(error).message };
  }
}

const NO_LAST_ANSWER = `Redis did not answer within ${LAST_QUESTIONS_MS / 1000} s at the end`;

function toLostWrites(
  taken: Taken,
  { acknowledged, keyspace }: TestWrites,
  { log }: Lane,
  context: Context,
): ProbeFigures['lostWrites'] {
  const perSecond = Math.round(1000 / context.periodMs);
  if ('why' in taken) return { count: null, of: acknowledged.size(), perSecond, why: taken.why };
  const lastMarks = findGaps(log.stretches, context)
    .filter(({ isUnseen }) => !isUnseen)
    .map(({ before }) => before.lastMark);
  const lost = countLost(taken.bitmap, acknowledged, lastMarks, perSecond);
  const shown = compareKeyspaces(keyspace(), taken.keyspace);
  return shown === null || lost.why === null ? lost : { ...lost, why: `${lost.why}; ${shown}` };
}
