import { cancellationSignal } from '@temporalio/activity';

import type { Observation, WatchCall } from '../domain/reports.js';
import { countForeign } from '../domain/tasks.js';

import { startExecutionClock } from './clock.js';
import type { ActivityDeps } from './deps.js';
import { ProjectNotServedError } from './errors.js';
import { pause, withHeartbeats } from './heartbeats.js';
import type { BeatWords } from './heartbeats.js';
import { createWatch } from './observe.js';
import type { Watch } from './observe.js';
import { createReader } from './session.js';
import { patienceMs, settlingTurns } from './turns.js';

/** Even an interval of 0 leaves the API some air, in milliseconds. */
const MIN_SAMPLE_INTERVAL_MS = 250;

const VERIFY_WORDS =
  'read the roles until they are stable, changed and healthy, then judge by what was seen; nothing is sent';
const WATCH_WORDS =
  'watch whether the roles of before hold and whether a swap task appears, then judge; nothing is sent';

/**
 * Activity `verifyRoles`: reads the roles until they are stable, changed and healthy, then lists the
 * swap tasks once more. Ends after `verifyTimeoutSeconds` with whatever is true then.
 */
export async function verifyRoles(deps: ActivityDeps, call: WatchCall): Promise<Observation> {
  const { settleSeconds, verifyTimeoutSeconds } = call.request.timing;
  const until = { seconds: verifyTimeoutSeconds, next: VERIFY_WORDS };
  return watchUntil(deps, call, until, async (watch, elapsedSeconds) => {
    if (!isSettled(watch.observation(), call)) return false;
    await watch.readTasks();
    const { newSwapTasks } = watch.observation();
    if (newSwapTasks === null) return false;
    // The row of our own job may come late; a missing row is waited for, not taken for an answer.
    return newSwapTasks.length > 0 || elapsedSeconds >= settleSeconds;
  });
}

/**
 * Activity `watchRoles`: watches for `watchSeconds` whether the roles of before hold and whether a swap
 * task appears. Ends early only with a trace: a new swap task of a user known to be ours while no job is, or
 * stable changed roles after a job of ours.
 */
export async function watchRoles(deps: ActivityDeps, call: WatchCall): Promise<Observation> {
  const until = { seconds: call.watchSeconds, next: WATCH_WORDS };
  return watchUntil(deps, call, until, async (watch) => {
    await watch.readTasks();
    const { newSwapTasks, change, stable } = watch.observation();
    if (call.ownJobIds.length === 0)
      return (newSwapTasks ?? []).some(({ user }) => user === 'ours');
    return change === 'changed' && stable;
  });
}

function isSettled(observation: Observation, call: WatchCall): boolean {
  const { stable, change, masterActive, nodesActive, instanceReady, newSwapTasks } = observation;
  if (!stable) return false;
  // Somebody else's swap makes the outcome UNKNOWN whatever else is waited for.
  if (countForeign(newSwapTasks ?? [], call.ownJobIds.length) > 0) return true;
  const isHealthy = masterActive && instanceReady && (nodesActive || call.mayHaveInactiveReplicas);
  return change === 'changed' && isHealthy;
}

type IsDone = (watch: Watch, elapsedSeconds: number) => Promise<boolean>;

/** A worker that takes over from a lost one watches anew: what nobody saw did not hold. */
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
  const clock = startExecutionClock();
  // Time without a turn is not watched.
  const elapsedSeconds = (): number => (clock.elapsed().atLeastMs - turns.waitedMs()) / 1000;
  const givesUpAtMs = clock.temporalNowMs() + limit.seconds * 1000;
  const inWords = (): BeatWords => ({
    next: limit.next,
    givesUpAt: new Date(givesUpAtMs).toISOString(),
    lastRequestId: reader.lastRequestId(),
    putSent: call.putSent ?? (call.ownJobIds.length > 0 ? 'yes' : 'possibly'),
  });

  return withHeartbeats(
    () => ({ ...summarise(watch.observation()), ...inWords() }),
    async () => {
      for (let round = 1; ; round += 1) {
        await watch.sample();
        if (await isDone(watch, elapsedSeconds())) return watch.observation();
        if (elapsedSeconds() >= limit.seconds && round >= timing.verifySamples) break;
        await pause(Math.max(timing.verifyIntervalSeconds * 1000, MIN_SAMPLE_INTERVAL_MS));
      }
      await watch.readTasks();
      return watch.observation();
    },
  );
}

/** What the UI shows of a running watch. */
function summarise({ samples, unreadable, change, complaints, lastError }: Observation) {
  return { samples, unreadable, change, complaints, lastError };
}
