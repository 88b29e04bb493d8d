import { cancellationSignal } from '@temporalio/activity';

import type { Timing } from '../contract/index.js';
import { isAtTarget, onlyMaster } from '../domain/identity.js';
import type { Observation, WatchCall } from '../domain/reports.js';
import { countForeign } from '../domain/tasks.js';
import { askedPauseMs } from '../domain/timing.js';
import { iso } from '../util.js';

import { startExecutionClock } from './clock.js';
import type { ActivityDeps } from './deps.js';
import { ProjectNotServedError } from './errors.js';
import { createLooker, watchWitness } from './looks.js';
import type { WitnessWatch } from './looks.js';
import { createWatch } from './observe.js';
import type { Watch } from './observe.js';
import { createReader } from './session.js';
import { patienceMs, pause, settlingTurns, withHeartbeats } from './turns.js';
import type { BeatText } from './turns.js';

/** Even an interval of 0 leaves the API some air, in milliseconds. */
const MIN_SAMPLE_INTERVAL_MS = 250;

/** How often the last readings of a watch are tried again where they fail. */
const LAST_READING_TRIES = 4;

/** Longest pause that the API may ask for before a further reading, in milliseconds. */
const MAX_LAST_PAUSE_MS = 10_000;

/** The last readings end this long after the watch at the latest, in milliseconds, beside their intervals. */
const LAST_READINGS_MS = 20_000;

const VERIFY_TEXT =
  'read the roles until they are stable, changed and healthy, then judge by what was observed; nothing is sent';
const WATCH_TEXT =
  'watch whether the prior roles hold and whether a swap task appears, then judge; nothing is sent';

/**
 * Activity `verifyRoles`: reads the roles until they are stable, changed and healthy, then lists the
 * swap tasks once more, and where Redis itself is looked at until it shows the same. Ends after `verifyTimeoutSeconds` with the verified state then.
 */
export async function verifyRoles(deps: ActivityDeps, call: WatchCall): Promise<Observation> {
  const { settleSeconds, verifyTimeoutSeconds } = call.request.timing;
  const until = { seconds: verifyTimeoutSeconds, next: VERIFY_TEXT };
  return watchUntil(deps, call, until, async ({ watch, witness }, elapsedSeconds) => {
    if (!isSettled(watch.observation(), call)) return false;
    await watch.readTasks();
    const { newSwapTasks } = watch.observation();
    if (newSwapTasks === null) return false;
    // The row of our own job may come late; a missing row is waited for, not taken for an answer.
    const isListed = newSwapTasks.length > 0 || elapsedSeconds >= settleSeconds;
    return isListed && witness.isDone();
  });
}

/**
 * Activity `watchRoles`: watches for `watchSeconds` whether the prior roles hold and whether a swap
 * task appears. Ends early only with a trace: a new swap task of a user known to be ours while no job is, or
 * stable changed roles after a job of ours.
 */
export async function watchRoles(deps: ActivityDeps, call: WatchCall): Promise<Observation> {
  const until = { seconds: call.watchSeconds, next: WATCH_TEXT };
  return watchUntil(deps, call, until, async ({ watch }) => {
    await watch.readTasks();
    const { newSwapTasks, change, stable } = watch.observation();
    if (call.ownJobIds.length === 0)
      return (newSwapTasks ?? []).some(({ user }) => user === 'ours');
    return change === 'changed' && stable;
  });
}

function isSettled(observation: Observation, call: WatchCall): boolean {
  const { masterActive, nodesActive, instanceReady, newSwapTasks } = observation;
  const { change, stable, steady = false, roles } = observation;
  if (!stable) return false;
  // Another client's swap makes the outcome UNKNOWN whatever else is waited for.
  if (countForeign(newSwapTasks ?? [], call.ownJobIds.length) > 0) return true;
  const isHealthy = masterActive && instanceReady && (nodesActive || call.mayHaveInactiveReplicas);
  return change === 'changed' && steady && isHealthy && isPlaceReported(roles, call);
}

/** Whether the reading shows if the master is where it should be: one without AZs is no answer yet. */
function isPlaceReported(roles: Observation['roles'], { target = null }: WatchCall): boolean {
  const master = roles === null ? null : onlyMaster(roles);
  return target === null || (master !== null && isAtTarget(master, target) !== null);
}

interface Watches {
  readonly watch: Watch;
  readonly witness: WitnessWatch;
}

type IsDone = (watches: Watches, elapsedSeconds: number) => Promise<boolean>;

/** A worker that takes over from a lost one watches again: what no one saw did not hold. */
async function watchUntil(
  deps: ActivityDeps,
  call: WatchCall,
  limit: { readonly seconds: number; readonly next: string },
  isDone: IsDone,
): Promise<Observation> {
  const { projectId, instanceId, timing } = call.request;
  const project = deps.findProject(projectId);
  if (project === undefined) throw new ProjectNotServedError(projectId);
  const turns = settlingTurns(patienceMs(call));
  const reader = createReader(project.dcs, instanceId, cancellationSignal(), turns.turn);
  const watch = createWatch(reader, call, project);
  const looker = createLooker(deps, project, reader);
  const witness = watchWitness(looker, call.witness, cancellationSignal());
  const clock = startExecutionClock();
  // Time without a turn is not watched.
  const elapsedSeconds = (): number => (clock.elapsed().atLeastMs - turns.waitedMs()) / 1000;
  const givesUpAtMs = clock.temporalNowMs() + limit.seconds * 1000;
  const description = (): BeatText => ({
    next: limit.next,
    givesUpAt: iso(givesUpAtMs),
    lastRequestId: reader.lastRequestId(),
    putSent: call.putSent ?? (call.ownJobIds.length > 0 ? 'yes' : 'possibly'),
  });

  const seen = (): Observation => {
    const redis = witness.sighting();
    return redis === undefined ? watch.observation() : { ...watch.observation(), witness: redis };
  };

  return withHeartbeats(
    () => ({ ...summarise(watch.observation()), ...description() }),
    async () => {
      for (let round = 1; ; round += 1) {
        await watch.sample();
        await witness.look(watch.instance());
        if (await isDone({ watch, witness }, elapsedSeconds())) return seen();
        if (elapsedSeconds() >= limit.seconds && round >= timing.verifySamples) break;
        await pause(pauseMs(timing, toPauseMs(watch.retryAfterMs() ?? 0)));
      }
      await readOn(watch, timing, () => elapsedSeconds() * 1000);
      await lookOn(witness, watch, timing);
      return seen();
    },
  );
}

/**
 * The end of the time is no verdict: one failed answer, or one sample unlike the others, would make an
 * unresolved outcome, or a swap back, that the next reading takes away. So the last readings go on, within bounds,
 * until they work and agree.
 */
async function readOn(watch: Watch, timing: Timing, elapsedMs: () => number): Promise<void> {
  const boundMs = LAST_READINGS_MS + timing.verifySamples * pauseMs(timing);
  const limits = (times: number): Limits => ({ times, elapsedMs, endMs: elapsedMs() + boundMs });
  let failures = 0;
  const wait = async (): Promise<void> => {
    const { lastError } = watch.observation();
    failures += lastError === null ? 0 : 1;
    await pause(lastError === null ? pauseMs(timing) : lastPauseMs(watch, timing, failures));
  };
  await repeat(limits(timing.verifySamples + LAST_READING_TRIES), async () => {
    const { stable, steady } = watch.observation();
    if (stable && steady === true) return true;
    await wait();
    await watch.sample();
    return false;
  });
  await watch.readTasks();
  await repeat(limits(LAST_READING_TRIES), async () => {
    if (watch.observation().newSwapTasks !== null) return true;
    await wait();
    await watch.readTasks();
    return false;
  });
}

/** The last look may be the first that the address leads to the new master: the next one shows whether it stays so. */
async function lookOn(witness: WitnessWatch, watch: Watch, timing: Timing): Promise<void> {
  if (witness.sighting()?.isSteady !== false) return;
  await pause(pauseMs(timing));
  await witness.look(watch.instance());
}

/** How often something is tried, and until when at the most. */
interface Limits {
  readonly times: number;
  /** Time watched so far, in milliseconds. */
  readonly elapsedMs: () => number;
  readonly endMs: number;
}

async function repeat(limits: Limits, once: () => Promise<boolean>): Promise<void> {
  const { times, elapsedMs, endMs } = limits;
  for (let tries = 0; tries < times && elapsedMs() < endMs; tries += 1) if (await once()) return;
}

function pauseMs({ verifyIntervalSeconds }: Timing, atLeastMs = 0): number {
  return Math.max(verifyIntervalSeconds * 1000, MIN_SAMPLE_INTERVAL_MS, atLeastMs);
}

/** As long as the API asks, else longer after each failure. */
function lastPauseMs(watch: Watch, timing: Timing, failures: number): number {
  const ownMs = pauseMs(timing) * 2 ** (failures - 1);
  return toPauseMs(watch.retryAfterMs() ?? ownMs);
}

function toPauseMs(wantedMs: number): number {
  return askedPauseMs(wantedMs, MAX_LAST_PAUSE_MS, Math.random());
}

/** What the UI shows of a running watch. */
function summarise({ samples, unreadable, change, complaints, lastError }: Observation) {
  return { samples, unreadable, change, complaints, lastError };
}
