/** How a run begins: asked for by a client, a schedule or a parent, or as the next of its chain. */
import crypto from 'node:crypto';

import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import Long from 'long';

import type { Job } from '../sandbox.js';

import { add, openRun, show, STATUS } from './core.js';
import type { Core, Lineage, SimRun } from './core.js';
import { enqueue } from './tasks.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment -- payloads of the wire, as loose as the SDK has them */

/** What is to be started. */
export interface Start {
  readonly workflowId: string;
  readonly type: string;
  /** Its arguments, as payloads. */
  readonly payloads: readonly any[];
  readonly lineage?: Partial<Lineage>;
  /** Nominal time of the firing of a schedule, epoch milliseconds. */
  readonly nominalAtMs?: number | null;
  readonly memo?: SimRun['memo'];
}

/** Starts a run, unless one of the id is open. */
export function start(core: Core, what: Start): SimRun | null {
  if (openRun(core, what.workflowId) !== null) return null;
  const runId = crypto.randomUUID();
  const own = {
    ...{ originalRunId: runId, firstRunId: runId, continuedFromRunId: null, parent: null },
    resetFromRunId: null,
  };
  const { world } = core;
  const times = { startedAtMs: world.nowMs, listedAtMs: world.nowMs };
  const { workflowId, type, lineage, memo = {} } = what;
  const run = newRun({ workflowId, runId, type, memo, ...times, ...own, ...lineage });
  core.runs.set(runId, run);
  add(core, run, 1, 'workflowExecutionStarted', toStarted(run, what));
  show(core, run);
  enqueue(core, run, toInit(core, run, what));
  return run;
}

/** A run with nothing in it yet. */
export function newRun(
  who: Lineage &
    Pick<SimRun, 'workflowId' | 'runId' | 'type' | 'startedAtMs' | 'listedAtMs' | 'memo'>,
): SimRun {
  return {
    ...who,
    ...{
      events: [],
      status: STATUS.running,
      closedAtMs: null,
      resetRunId: null,
      jobs: [],
      log: [],
    },
    ...{ acts: new Map(), timers: new Map(), children: new Map(), updates: new Map(), notices: [] },
    ...{ sandbox: null, task: 0, isTaskOut: false },
  };
}

function toStarted(run: SimRun, { payloads, nominalAtMs = null }: Start): object {
  const { workflowId, type, originalRunId, firstRunId, continuedFromRunId, parent } = run;
  return {
    ...{ workflowType: { name: type }, workflowId, originalExecutionRunId: originalRunId },
    ...{ firstExecutionRunId: firstRunId, continuedExecutionRunId: continuedFromRunId ?? '' },
    ...{ input: { payloads }, attempt: 1, taskQueue: { name: 'dcs-switchover' } },
    ...(parent === null
      ? {}
      : { parentWorkflowExecution: { workflowId: parent.workflowId, runId: parent.runId } }),
    ...(nominalAtMs === null ? {} : { searchAttributes: toNominal(nominalAtMs) }),
  };
}

function toInit({ world }: Core, run: SimRun, { payloads, nominalAtMs = null }: Start): Job {
  const { workflowId, type, originalRunId, firstRunId, continuedFromRunId, parent } = run;
  return {
    initializeWorkflow: {
      ...{ workflowType: type, workflowId, arguments: [...payloads], attempt: 1 },
      ...{ randomnessSeed: Long.fromNumber(7), startTime: msToTs(world.nowMs) },
      ...{ firstExecutionRunId: firstRunId, originalExecutionRunId: originalRunId },
      continuedFromExecutionRunId: continuedFromRunId ?? '',
      ...(parent === null
        ? {}
        : {
            parentWorkflowInfo: {
              ...{ namespace: 'default', workflowId: parent.workflowId, runId: parent.runId },
            },
          }),
      ...(nominalAtMs === null ? {} : { searchAttributes: toNominal(nominalAtMs) }),
    },
  };
}

/** As schedules set it on what they start. */
function toNominal(nominalAtMs: number) {
  const payload = defaultPayloadConverter.toPayload(new Date(nominalAtMs).toISOString());
  const metadata = { ...payload.metadata, type: Buffer.from('Datetime') };
  return { indexedFields: { TemporalScheduledStartTime: { ...payload, metadata } } };
}
