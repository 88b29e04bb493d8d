/** Reading the roles after a PUT, by activities; each reading is recorded in the run's state. */
import { ActivityFailure, patched, workflowInfo } from '@temporalio/workflow';

import type { Phase } from '../contract/index.js';
import type { Observation, OwnJobs, WatchCall } from '../domain/reports.js';
import { entered, rolesRead } from '../domain/run-state.js';
import type { SwapIntent } from '../domain/swap.js';
import { NO_JOBS } from '../domain/tasks.js';
import { settlingTurnsEndMs } from '../domain/timing.js';
import { doesWordStand, redisUnseen, redisWatched, witnessPart } from '../domain/witnessing.js';

import { startOptions, verifyWithin, watchWithin } from './proxies.js';
import type { Run } from './run.js';

/** Watches for what a PUT without an answer may have left; no job is known to be ours. */
export function watchForTrace(
  run: Run,
  intent: SwapIntent,
  seconds = intent.request.timing.settleSeconds,
): Promise<Observation> {
  const call = watchCall(run, intent, NO_JOBS, seconds);
  return watch(run, intent, { ...call, putSent: 'possibly' });
}

/** Reads the roles until they are as a swap that went well leaves them, or the time is over. */
export function verifyChanged(
  run: Run,
  intent: SwapIntent,
  ownJobs: OwnJobs,
): Promise<Observation> {
  const { timing } = intent.request;
  enterVerifying(run, intent, 'read the roles until they are stable, changed and healthy');
  const verify = verifyWithin(timing, run.state.instanceName);
  return observe(run, intent, () => verify.verifyRoles(watchCall(run, intent, ownJobs, 0)));
}

/** Watches whether the prior roles hold. */
export async function watchUnchanged(
  run: Run,
  intent: SwapIntent,
  ownJobs: OwnJobs,
  seconds = intent.request.timing.settleSeconds,
): Promise<Observation> {
  const next =
    seconds === 0
      ? 'read roles and swap tasks once more'
      : `watch for ${seconds} s whether the prior roles hold`;
  enterVerifying(run, intent, next);
  return watch(run, intent, watchCall(run, intent, ownJobs, seconds));
}

function watch(run: Run, intent: SwapIntent, call: WatchCall): Promise<Observation> {
  const { watchSeconds, request } = call;
  const { watchRoles } = watchWithin(watchSeconds, request.timing, run.state.instanceName);
  return observe(run, intent, () => watchRoles(call));
}

function enterVerifying(run: Run, intent: SwapIntent, next: string): void {
  run.record(entered(phaseOf(intent, 'VERIFYING'), next));
}

/** The phase that a step counts to. */
export function phaseOf({ phase, purpose }: SwapIntent, whenForward: Phase): Phase {
  return phase ?? (purpose === 'forward' ? whenForward : 'COMPENSATING');
}

/** For whoever reads the history of the run while no worker reports its phase. */
export function phasePart({ phase }: SwapIntent): Pick<WatchCall, 'phase'> {
  return phase === undefined ? {} : { phase };
}

function watchCall(
  run: Run,
  intent: SwapIntent,
  ownJobs: OwnJobs,
  watchSeconds: number,
): WatchCall {
  const {
    ids: ownJobIds,
    by: ownJobsBy,
    overBeforeMs = intent.overBeforeMs ?? null,
    sinceMs = null,
  } = ownJobs;
  const { request, from: before, knownSwapTaskIds, purpose, target } = intent;
  const { turnsEndMs = Infinity } = intent;
  const mayHaveInactiveReplicas = purpose === 'compensate';
  const putSent = ownJobIds.length > 0 ? 'yes' : 'no';
  return {
    ...{ request, before, knownSwapTaskIds, ownJobIds, ownJobsBy, overBeforeMs, sinceMs },
    ...{ watchSeconds, mayHaveInactiveReplicas, target, putSent },
    turnsUntilMs: Math.min(turnsUntilMs(run, request), turnsEndMs),
    ...phasePart(intent),
    ...witnessPart(run.state, purpose),
  };
}

/** Until when readings wait for turns, epoch milliseconds. */
export function turnsUntilMs({ state }: Run, { timing }: SwapIntent['request']): number {
  const startedAtMs = workflowInfo().startTime.getTime();
  const { timeoutMs } = startOptions();
  return settlingTurnsEndMs(timing, state.lastSentAtMs ?? Date.now(), { startedAtMs, timeoutMs });
}

/** A watch that could not be carried out at all has seen nothing, which the outcome rule calls UNKNOWN. */
async function observe(
  run: Run,
  { purpose }: SwapIntent,
  watch: () => Promise<Observation>,
): Promise<Observation> {
  const observation = await watch().catch((error: unknown) => {
    if (error instanceof ActivityFailure) return NOTHING_OBSERVED;
    throw error;
  });
  run.record(rolesRead(observation));
  const { witness } = observation;
  const stands = doesWordStand(run.state, purpose, witness) && patched(SHOWN_BY_REDIS);
  run.record(stands ? redisUnseen(witness) : redisWatched(purpose, witness));
  return observation;
}

/** Runs of earlier versions forgot a move that Redis had shown, where a later watch could not see Redis. */
const SHOWN_BY_REDIS = 'a-move-that-redis-has-shown-stands';

const NOTHING_OBSERVED: Observation = {
  roles: null,
  stable: false,
  change: null,
  heldThroughout: false,
  masterActive: false,
  nodesActive: false,
  instanceReady: false,
  complaints: [],
  newSwapTasks: null,
  samples: 0,
  unreadable: 0,
  lastError: 'the reading activity did not report back',
};
