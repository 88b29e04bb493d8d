import { setTimeout as pause } from 'node:timers/promises';

import type { MaintenanceClient, MaintenanceRef } from '../../client.js';
import type { MaintenanceResult } from '../../contract/index.js';
import { joinText, withCommands } from '../../domain/commands.js';

import { DetachedError } from '../cli-errors.js';
import type { CliIo } from '../io.js';
import type { WaitOptions } from '../options.js';

import { createPlanProgress } from './live.js';
import type { PlanProgress } from './live.js';
import { planCommand, planName } from './ref.js';

/** Pause between two looks; each is a query, which a worker answers. */
const LOOK_EVERY_MS = 1_000;

/** On top for each instance: the answer carries them all. */
const LOOK_MS_PER_ROW = 5;

/** A plan may wait for its window for days: a week. */
const DEFAULT_WAIT_SECONDS = 604_800;

/** What following needs of the client. */
export type PlanFollower = Pick<MaintenanceClient, 'result' | 'progress'>;

/** Options of {@link followPlan}. */
export interface FollowOptions extends WaitOptions {
  readonly startedRunId?: string;
}

/**
 * Waits for a plan to end and shows where it stands meanwhile. Ctrl-C stops waiting, not the plan.
 *
 * @param ref a run of it is followed only where it names one: a long plan goes on in runs of the same id
 * @param startedRunId the run that was started, whose result is meant whatever is started later
 * @throws DetachedError, and whatever `result` throws
 */
export async function followPlan(
  io: CliIo,
  client: PlanFollower,
  ref: MaintenanceRef,
  { waitTimeout = DEFAULT_WAIT_SECONDS, startedRunId }: FollowOptions = {},
): Promise<MaintenanceResult> {
  const stop = new AbortController();
  const release = io.onInterrupt(() => {
    stop.abort(new DetachedError(detachedText(ref)));
  });
  const progress = createPlanProgress(io);
  const looking = new AbortController();
  void look(client, ref, progress, looking.signal);
  try {
    const awaited = startedRunId === undefined ? ref : { ...ref, runId: startedRunId };
    const result = await client.result(awaited, {
      signal: stop.signal,
      timeoutMs: waitTimeout * 1000,
    });
    looking.abort();
    progress.finish(result);
    return result;
  } finally {
    looking.abort();
    progress.end();
    release();
  }
}

/** Never throws: progress is a courtesy, `result` tells what is wrong. */
async function look(
  client: PlanFollower,
  ref: MaintenanceRef,
  progress: PlanProgress,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const rows = await lookOnce(client, ref, progress, signal);
    const waitMs = LOOK_EVERY_MS + rows * LOOK_MS_PER_ROW;
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/** @returns how many rows there were to look at */
async function lookOnce(
  client: PlanFollower,
  ref: MaintenanceRef,
  progress: PlanProgress,
  signal: AbortSignal,
): Promise<number> {
  try {
    const answer = await client.progress(ref);
    // A look that came back late must not draw over the result.
    if (!signal.aborted && answer.phase !== 'ENDED') progress.show(answer);
    return answer.rows.length;
  } catch (error) {
    if (!signal.aborted) progress.trouble(error instanceof Error ? error.message : String(error));
    return 0;
  }
}

function detachedText(ref: MaintenanceRef): string {
  return joinText([
    `Detached; plan ${planName(ref)} continues.`,
    withCommands('Look', planCommand('progress', ref)),
    withCommands('Wait again', planCommand('wait', ref)),
    withCommands('Stop new starts', planCommand('abort', ref)),
  ]);
}
