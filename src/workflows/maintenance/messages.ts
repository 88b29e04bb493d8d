import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
} from '@temporalio/workflow';

import { HOLDING_SIGNAL } from '../../contract/index.js';
import type { Decision, MaintenanceUpdate, MessageReceipt } from '../../contract/index.js';
import { applyDecision, judgeMessage } from '../../domain/maintenance/decisions.js';
import type { MessageVerdict } from '../../domain/maintenance/decisions.js';
import { pausedBy, recordHolding } from '../../domain/maintenance/state.js';
import type { ItemState } from '../../domain/maintenance/state.js';

import { show } from './run.js';
import type { MaintenanceRun } from './run.js';

/** What the UI says beside each form. */
const DESCRIPTIONS: Readonly<Record<MaintenanceUpdate, string>> = {
  approve: 'Let the maintenance start when its window is open: {"by": "…", "why": "…"}',
  reject: 'End the maintenance before it starts anything: {"by": "…", "why": "…"}',
  pause: 'Start nothing until resume: {"by": "…"}',
  resume: 'Go on after pause: {"by": "…"}',
  skip: 'Leave one instance out: {"by": "…", "why": "…", "instanceId": "…"}',
  abort: 'Start nothing further; what runs, finishes: {"by": "…", "why": "…"}',
};

/**
 * Takes what people decide. Must come before the first await: messages may arrive with the first task. A
 * message that is refused leaves no trace in history.
 */
export function takeMessages(maintenance: MaintenanceRun): void {
  for (const name of Object.keys(DESCRIPTIONS) as MaintenanceUpdate[])
    registerUpdate(maintenance, name);
  setHandler(defineSignal<[unknown]>(HOLDING_SIGNAL), (reported) => hear(maintenance, reported), {
    description: 'Sent by a switchover of this maintenance that is unresolved and keeps its lock',
  });
}

/** The signal may come with the same task as the news that its switchover was started, and before it. */
function hear(maintenance: MaintenanceRun, reported: unknown): Promise<void> {
  return CancellationScope.nonCancellable(async () => {
    await condition(() => !maintenance.state.items.some(isStarting));
    maintenance.state = recordHolding(maintenance.state, reported);
    show(maintenance);
  });
}

function isStarting({ forward, return: back }: ItemState): boolean {
  return forward.stage === 'starting' || back?.stage === 'starting';
}

function registerUpdate(maintenance: MaintenanceRun, name: MaintenanceUpdate): void {
  const judge = (argument: unknown): MessageVerdict & { readonly taken: true } =>
    takenOrThrow(judgeMessage(name, argument, maintenance.state, new Date().toISOString()));
  const handler = (argument: unknown): MessageReceipt => {
    const { message, decision } = judge(argument);
    if (decision !== null) apply(maintenance, decision);
    const { phase } = maintenance.state;
    return {
      changed: decision !== null,
      message,
      phase,
      isPaused: pausedBy(maintenance.state) !== null,
    };
  };
  setHandler(defineUpdate<MessageReceipt, [unknown]>(name), handler, {
    description: DESCRIPTIONS[name],
    validator: (argument) => void judge(argument),
  });
}

function apply(maintenance: MaintenanceRun, decision: Decision): void {
  const { what, by, why, instanceId } = decision;
  log.info('decision', { what, by, why, instanceId });
  maintenance.state = applyDecision(maintenance.state, decision);
  show(maintenance);
}

function takenOrThrow(verdict: MessageVerdict): MessageVerdict & { readonly taken: true } {
  if (verdict.taken) return verdict;
  const { type, message, problems } = verdict;
  throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ problems }] });
}
