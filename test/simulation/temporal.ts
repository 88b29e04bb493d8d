/**
 * Temporal: the server with its histories, timers, time limits and a list of runs that lags behind; and workers that
 * carry out what it hands out. Workflow code is the shipped bundle, activities are the real ones.
 */
import { Client } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

import type { FaultBook } from './faults.js';
import type { Sandbox } from './sandbox.js';
import { reportEnd } from './temporal/children.js';
import { carryOut } from './temporal/commands.js';
import { lineOf, openRun, terminate } from './temporal/core.js';
import type { Core, SimRun, SimWorker, Update } from './temporal/core.js';
import { begin } from './temporal/execution.js';
import { requestCancel, sendUpdate } from './temporal/messages.js';
import { reset } from './temporal/reset.js';
import { createConnection } from './temporal/service.js';
import { start } from './temporal/start.js';
import type { Start } from './temporal/start.js';
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
    suggestedAfter = Infinity,
  ) {
    const place = { world, machine, book, sandbox, visibilityLagMs, suggestedAfter };
    const state = {
      runs: new Map(),
      workers: [],
      shown: new Map(),
      breaches: [],
      foreign: {},
    };
    const core: Core = {
      ...{ ...place, ...state, client: undefined as never },
      carryOut: (run, command) => {
        carryOut(core, run, command);
      },
      execute: (run, act, worker) => {
        begin(core, run, act, worker);
      },
      closed: (run, event) => {
        reportEnd(core, run, event);
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

  /** Gives every worker activities of others, such as hooks. */
  everyWorkerHas(activities: Core['foreign']): void {
    Object.assign(this.core.foreign, activities);
  }

  /** A run and those that resets have made it of, the first one first. */
  lineOf(run: SimRun): SimRun[] {
    return lineOf(this.core, run);
  }

  /** Starts a run, unless one of the id is open. */
  start(workflowId: string, input: unknown, how: Partial<Start> = {}): SimRun | null {
    const payloads = [defaultPayloadConverter.toPayload(input)];
    return start(this.core, { workflowId, type: 'dcsSwitchover', payloads, ...how });
  }

  /** The run of an id that is open; \`null\`: none is. */
  openRun(workflowId: string): SimRun | null {
    return openRun(this.core, workflowId);
  }

  /** Every run that there has been. */
  runs(): SimRun[] {
    return [...this.core.runs.values()];
  }

  /** Requests a cancellation, as any client may. */
  cancel(run: SimRun): void {
    requestCancel(this.core, run);
  }

  /** Sends an update; \`null\`: the run has ended. */
  update(run: SimRun, what: Pick<Update, 'id' | 'name' | 'argument'>): Update | null {
    return sendUpdate(this.core, run, what);
  }

  /** Resets a run to the beginning of one of its workflow tasks; \`null\`: it has done none. */
  reset(run: SimRun, nth: number): SimRun | null {
    return reset(this.core, run, nth);
  }

  /** Ends it from outside. */
  terminate(run: SimRun): void {
    terminate(this.core, run);
  }
}
