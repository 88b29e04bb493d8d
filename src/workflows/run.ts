import {
  defineQuery,
  log,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';

import { NOTIFICATION_TYPES, SEARCH_ATTRIBUTES, STATUS_QUERY } from '../contract/index.js';
import type { Outcome, StatusAttribute, SwitchoverStatus } from '../contract/index.js';
import { describeDataPlane } from '../domain/data-plane-text.js';
import { toMarkdown, toStatus } from '../domain/details.js';
import { newRunState } from '../domain/run-state.js';
import { readInstanceName } from '../domain/text.js';
import type { RunState, Transition } from '../domain/run-state.js';

import { createNotifier } from './notify.js';
import type { Notifier, Notify } from './notify.js';
import { countRun, upsertKnown } from './telemetry.js';

const statusQuery = defineQuery<SwitchoverStatus>(STATUS_QUERY);

/** A run as its workflow works on it. Nothing of it lives in the module. */
export interface Run {
  /** As it is now. */
  readonly state: RunState;
  /** Something has happened: the next state takes the place of this one, and whoever looks sees it. */
  readonly record: (what: Transition) => void;
  readonly notifier: Notifier;
}

/** Opens the run's state and answers the query `status` from it. Must come before the first await. */
export function openRun(input: unknown): Run {
  const notifier = createNotifier();
  const { notify } = notifier;
  const { memo } = workflowInfo();
  let state = newRunState(input, Date.now(), readInstanceName(memo?.['instanceName']));
  setHandler(statusQuery, () => toStatus(state), {
    description: 'Phase, roles and next step of this switchover, in plain text',
  });
  reportPhase(state, notify);
  show(state);
  return {
    notifier,
    get state() {
      return state;
    },
    record: (what) => {
      const before = state;
      state = what(before, Date.now());
      reportChange(before, state, notify);
      show(state);
    },
  };
}

function reportChange(before: RunState, now: RunState, notify: Notify): void {
  if (now.outcome !== null && now.outcome !== before.outcome) countRun(now.outcome, now.mode);
  // The end has a notification of its own, with the message.
  if (now.step !== before.step && now.step.phase !== 'ENDED') reportPhase(now, notify);
}

/** A phase has begun. */
function reportPhase(state: RunState, notify: Notify): void {
  const { asked, instanceName, step, outcome, swapsSent } = state;
  const { phase, next } = step;
  log.info('phase', { phase });
  const data = { ...asked, instanceName, phase, next, outcome, swapsSent };
  notify(NOTIFICATION_TYPES.switchoverPhase, data);
}

/**
 * Reports that the run is over.
 *
 * @param message the verified state and what to do, in plain text
 */
export function reportEnd(
  run: Run,
  outcome: Outcome | 'CANCELLED',
  cause: string | null,
  message: string,
): void {
  const { asked, instanceName, swapsSent, swapsAccepted, jobIds, dataPlane } = run.state;
  log.info('ended', { outcome, cause, swapsSent, jobIds });
  const deeds = { swapsSent, swapsAccepted, jobIds };
  const shown = dataPlane === null ? {} : { dataPlane: describeDataPlane(dataPlane) };
  const data = { ...asked, instanceName, outcome, cause, message, ...deeds, ...shown };
  run.notifier.notify(NOTIFICATION_TYPES.switchoverEnded, data);
}

/** Upserts the search attribute `DcsStatus`, one history event, where the namespace has it. */
export function publish({ state }: Run, status: StatusAttribute, instanceId?: string): void {
  upsertKnown(state.searchAttributes, [
    [SEARCH_ATTRIBUTES.instanceId, instanceId],
    [SEARCH_ATTRIBUTES.instanceName, instanceId && (state.instanceName ?? undefined)],
    [SEARCH_ATTRIBUTES.status, status],
  ]);
}

function show(state: RunState): void {
  const { evidence, warnings, request } = state;
  const { runId } = workflowInfo();
  const who = request === null ? null : { ...request, runId };
  setCurrentDetails(toMarkdown(toStatus(state), evidence, warnings, who));
}
