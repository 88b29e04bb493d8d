/**
 * Temporal: the server with its histories, timers, time limits and a list of runs that lags behind; and workers that
 * carry out what it hands out. Workflow code is the shipped bundle, activities are the real ones.
 */
import crypto from 'node:crypto';

import { Client } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import Long from 'long';

import type { FaultBook } from './faults.js';
import type { Sandbox } from './sandbox.js';
import { carryOut } from './temporal/commands.js';
import { add, show, STATUS, terminate } from './temporal/core.js';
import type { Core, SimRun, SimWorker } from './temporal/core.js';
import { begin } from './temporal/execution.js';
import { createConnection } from './temporal/service.js';
import { enqueue } from './temporal/tasks.js';
import type { Machine, World } from './world.js';

export type { Act, SimRun, SimWorker } from './temporal/core.js';

/** The server of one world. */
export class SimTemporal {
  readonly client: Client;
  private readonly core: Core;

  constructor(
    world: World,
    machine: Machine,
    book: FaultBook,
    sandbox: Sandbox,
    visibilityLagMs: number,
  ) {
    const place = { world, machine, book, sandbox, visibilityLagMs };
    const state = { runs: new Map(), workers: [], shown: new Map(), breaches: [], freeze: null };
    const core: Core = {
      ...{ ...place, ...state, client: undefined as never },
      carryOut: (run, command) => {
        carryOut(core, run, command);
      },
      execute: (run, act, worker) => {
        begin(core, run, act, worker);
      },
    };
    const connection = createConnection(core) as ConnectionOptions as never;
    this.client = new Client({ connection, namespace: 'default' });
    this.core = Object.assign(core, { client: this.client });
  }

  get workers(): SimWorker[] {
    return this.core.workers;
  }

  /** What must never happen, whatever the invariants say. */
  get breaches(): readonly string[] {
    return this.core.breaches;
  }

  /** Puts a freeze in force, or ends it. */
  setFreeze(freeze: Core['freeze']): void {
    this.core.freeze = freeze;
  }

  /** Starts a run, unless one of the id is open. */
  start(workflowId: string, input: unknown): SimRun | null {
    if (
      [...this.core.runs.values()].some(
        (run) => run.workflowId === workflowId && run.status === STATUS.running,
      )
    )
      return null;
    const runId = crypto.randomUUID();
    const run: SimRun = {
      ...{
        workflowId,
        runId,
        startedAtMs: this.core.world.nowMs,
        events: [],
        status: STATUS.running,
        closedAtMs: null,
      },
      ...{
        jobs: [],
        log: [],
        acts: new Map(),
        timers: new Map(),
        sandbox: null,
        task: 0,
        isTaskOut: false,
      },
    };
    this.core.runs.set(runId, run);
    const payload = defaultPayloadConverter.toPayload(input);
    add(this.core, run, 1, 'workflowExecutionStarted', {
      ...{
        workflowType: { name: 'dcsSwitchover' },
        workflowId,
        originalExecutionRunId: runId,
        firstExecutionRunId: runId,
      },
      ...{ input: { payloads: [payload] }, attempt: 1, taskQueue: { name: 'dcs-switchover' } },
    });
    show(this.core, run);
    enqueue(this.core, run, {
      initializeWorkflow: {
        ...{ workflowType: 'dcsSwitchover', workflowId, arguments: [payload], attempt: 1 },
        ...{
          randomnessSeed: Long.fromNumber(7),
          firstExecutionRunId: runId,
          startTime: msToTs(this.core.world.nowMs),
        },
      },
    });
    return run;
  }

  /** Requests a cancellation, as any client may. */
  cancel(run: SimRun): void {
    if (run.status !== STATUS.running) return;
    add(this.core, run, 20, 'workflowExecutionCancelRequested', {});
    enqueue(this.core, run, { cancelWorkflow: { reason: 'simulated' } });
  }

  /** Ends it from outside. */
  terminate(run: SimRun): void {
    terminate(this.core, run);
  }
}
