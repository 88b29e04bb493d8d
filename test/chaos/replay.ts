/** Every history that the chaos has made has to replay on the shipped bundle. */
import { readFileSync } from 'node:fs';

import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';

import { workflowBundlePath } from '../../src/worker.js';
import { installQuietRuntime } from '../support/quiet-runtime.js';

import type { ListedRun } from './read-runs.js';

/** A replay takes 15 ms of processor time; what is beyond is as the rest. */
const MAX_REPLAYED = 1_000;

/** @returns what did not replay */
export async function replayAll(
  client: Client,
  listed: readonly ListedRun[],
): Promise<{ readonly name: string; readonly found: string }[]> {
  installQuietRuntime();
  const code = readFileSync(workflowBundlePath(), 'utf8');
  const some = listed.filter(({ status }) => status !== 'RUNNING').slice(0, MAX_REPLAYED);
  const found: { name: string; found: string }[] = [];
  const replays = Worker.runReplayHistories(
    { workflowBundle: { code } },
    (async function* () {
      for (const { workflowId, runId } of some)
        yield {
          workflowId,
          history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
        };
    })(),
  );
  for await (const { workflowId, runId, error } of replays)
    if (error !== undefined)
      found.push({
        name: 'history-replays',
        found: `run ${runId} of ${workflowId}: ${error.message}`,
      });
  return found;
}
