/** The end of an end-to-end suite: every switchover that it has led to keeps every promise, whoever started it. */
import { expect } from '@jest/globals';

import { SWITCHOVER_WORKFLOW_TYPE } from '../../src/contract/index.js';
import { auditRunFacts } from '../../src/domain/invariants.js';
import type { RunFacts } from '../../src/domain/run-facts.js';
import { CodecError, PayloadsEncodedError } from '../../src/temporal/errors.js';
import { readRunFacts } from '../../src/temporal/run-facts.js';
import { listBy } from '../../src/temporal/run-list.js';
import type { NamedRun } from '../../src/temporal/run-list.js';
import { readOpenEnds } from '../../src/temporal/silence.js';

import type { Rig } from './rig.js';

/** Audits the switchovers of maintenances, schedules and commands, too; and no two of an instance were open at a time. */
export async function expectPromisesKept(rig: Rig): Promise<void> {
  const runs = await listBy(rig.temporal, `WorkflowType = "${SWITCHOVER_WORKFLOW_TYPE}"`, Infinity);
  const { secretKey, accessKey, securityToken } = rig.simulator;
  const secrets = [secretKey, accessKey, ...(securityToken === null ? [] : [securityToken])];
  const times = new Map<string, RunFacts[]>();
  for (const run of runs) {
    const facts = await factsOf(rig, run);
    if (facts === null) continue;
    expect({ run, broken: auditRunFacts({ ...facts, secrets }) }).toEqual({ run, broken: [] });
    // The history of a run that a reset has made begins with that of another.
    if (facts.runId !== run.runId) continue;
    times.set(run.workflowId, [...(times.get(run.workflowId) ?? []), facts]);
  }
  for (const [workflowId, all] of times)
    expect({ workflowId, overlapping: overlaps(all) }).toEqual({ workflowId, overlapping: [] });
}

/** `null`: a suite about codecs has encoded what its own client cannot read. */
async function factsOf({ temporal }: Rig, { workflowId, runId }: NamedRun) {
  const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const ends = await readOpenEnds(temporal, workflowId, runId, events ?? []);
  return readRunFacts(temporal, events ?? [], ends).catch((error: unknown) => {
    if (error instanceof PayloadsEncodedError || error instanceof CodecError) return null;
    throw error;
  });
}

/** Runs that began before the one before them had ended. */
function overlaps(runs: readonly RunFacts[]): string[] {
  return runs
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
    .filter(({ startedAtMs }, index, sorted) => {
      const before = sorted[index - 1];
      return before !== undefined && startedAtMs < (before.closedAtMs ?? Infinity);
    })
    .map(({ runId }) => runId);
}
