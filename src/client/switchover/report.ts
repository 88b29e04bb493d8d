/** What a report of an ended run is made of: its result, and its PUTs as the history proves them. Needs no worker. */
import type { SwitchoverResult } from '../../contract/index.js';
import type { ResolvedSince } from '../../domain/resolved-since.js';
import type { ClientContext } from '../../temporal/rpc.js';
import type { RunHistory } from '../../temporal/run-history.js';
import { findSwaps, jobOf, purposeOf, stateOf } from '../../temporal/swap-trace.js';
import type { Swap } from '../../temporal/swap-trace.js';
import { iso } from '../../util.js';
import type { RunRef } from '../ref.js';

import { resolvedSince } from './resolved.js';
import { awaitResult } from './result.js';
import { describeRun, readRunHistory } from './run.js';

/** One try of a run to send its PUT, as the history proves it. */
export interface PutRecord {
  /** `compensate`: the swap back. */
  readonly purpose: 'forward' | 'compensate';
  /** `not-sent`: no byte of it left. `not-applied`: it was answered that it did nothing. */
  readonly state: 'accepted' | 'possibly-sent' | 'not-applied' | 'not-sent';
  /** RFC 3339, by Temporal's clock: when its activity was scheduled, and when that ended; `null`: it never did. */
  readonly scheduledAt: string;
  readonly endedAt: string | null;
  readonly jobId: string | null;
  /** Request id of its answer; `null`: it got none. */
  readonly requestId: string | null;
  /** Why it is not accepted, as text; `null` where it is. */
  readonly detail: string | null;
}

/** A result, the run that it is of, and the PUTs of that run in order. */
export interface SwitchoverReport extends SwitchoverResult {
  readonly run: { readonly workflowId: string; readonly runId: string };
  readonly puts: readonly PutRecord[];
  /** How what it left unresolved, or could not find out, has been resolved since; absent where it has not. */
  readonly resolved?: ResolvedSince;
}

/** Reads the report of a run that has ended; see `SwitchoverClient.report`. */
export async function readReport(context: ClientContext, ref: RunRef): Promise<SwitchoverReport> {
  const run = await describeRun(context, ref);
  const result = await awaitResult(context, run.ref, { timeoutMs: 0 });
  const { workflowId } = run;
  const history = await readRunHistory(context, run);
  const { outcome, mode, examinedRunId = null } = result;
  const about = { mode, examinedRunId };
  const resolved = outcome === 'UNKNOWN' ? await resolvedSince(context, run.ref, about) : null;
  return {
    ...result,
    ...{ run: { workflowId, runId: run.ref.runId }, puts: toPutRecords(history) },
    ...(resolved === null ? {} : { resolved }),
  };
}

/** Every try of a run to send, in order. */
export function toPutRecords({ activities }: RunHistory): PutRecord[] {
  return findSwaps(activities).map(toRecord);
}

function toRecord(swap: Swap): PutRecord {
  const { activity, report } = swap;
  const { scheduledAtMs, endedAtMs } = activity;
  const requestId = 'requestId' in report ? (report.requestId ?? null) : null;
  return {
    purpose: purposeOf(activity),
    state:
      report.kind === 'not-sent' && stateOf(swap) === 'not-applied' ? 'not-sent' : stateOf(swap),
    scheduledAt: iso(scheduledAtMs),
    endedAt: endedAtMs === null ? null : iso(endedAtMs),
    jobId: jobOf(swap),
    requestId: typeof requestId === 'string' ? requestId : null,
    detail: 'detail' in report ? report.detail : null,
  };
}
