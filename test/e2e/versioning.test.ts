/** Worker versioning on a real server: opt-in, and then a version gets work only once it is current. */
import { randomUUID } from 'node:crypto';

import { expect, test } from '@jest/globals';

import { waitUntil } from '../../src/simulator/basics.js';
import { useRig } from '../support/rig.js';
import { eventsOf, openSite } from '../support/steps.js';

const rig = useRig({ hasWorker: false });

const STEP_MS = 60_000;

async function makeCurrent(deploymentName: string, buildId: string): Promise<void> {
  const { namespace } = rig().stack.temporal;
  const { workflowService } = rig().temporal;
  await waitUntil(`version ${buildId}`, STEP_MS, async () => {
    try {
      await workflowService.setWorkerDeploymentCurrentVersion({
        ...{ namespace, deploymentName, buildId },
        version: `${deploymentName}.${buildId}`,
        identity: 'test',
      });
      return true;
    } catch {
      // The server learns of a version with the first poll of its workers.
      return false;
    }
  });
}

/** The build ids that have worked on a run. */
async function buildsOf(instance: { instanceId: string }, runId: string): Promise<string[]> {
  const events = await rig().history(instance as never, runId);
  return eventsOf(events, 'WORKFLOW_TASK_COMPLETED').flatMap((event) => {
    const found = /"buildId":"([^"]+)"/.exec(JSON.stringify(event));
    return found?.[1] === undefined ? [] : [found[1]];
  });
}

test('a versioned worker gets no work until its version is current; a run moves on with it', async () => {
  const deploymentName = `drill-${randomUUID()}`;
  const site = openSite(rig());
  const version = (buildId: string) => ({
    DCS_SWITCHOVER_DEPLOYMENT_NAME: deploymentName,
    DCS_SWITCHOVER_BUILD_ID: buildId,
  });
  const first = await site.startWorker(version('one'));
  expect(first.log().join('\n')).toContain('build=one');
  const instance = await rig().instance();
  const { instanceId } = instance;
  const timing = { jobTimeoutSeconds: 600 };
  const job = rig().simulator.faults.add({ route: 'showJob', instanceId, hold: true });
  const runId = await site.start(instance, { timing });

  // Nothing of the run may have begun although its worker polls. A second worker, without a version,
  // on a queue of its own proves that the server hands out work meanwhile.
  const control = openSite(rig());
  await control.startWorker();
  const other = await rig().instance();
  expect((await control.end(other, await control.start(other))).outcome).toBe('SUCCEEDED');
  const waiting = await rig().history(instance, runId);
  expect(eventsOf(waiting, 'WORKFLOW_TASK_STARTED')).toHaveLength(0);

  await makeCurrent(deploymentName, 'one');
  await waitUntil('the PUT', STEP_MS, () =>
    Promise.resolve(rig().simulator.ledger.puts(instanceId).length > 0),
  );

  // A new version becomes current before the end of the job is known: the run is finished by it, not stranded.
  await site.startWorker(version('two'));
  await makeCurrent(deploymentName, 'two');
  first.kill('SIGTERM');
  await first.exited;
  job.release();
  const { outcome } = await site.end(instance, runId);
  expect(outcome).toBe('SUCCEEDED');
  expect(rig().simulator.ledger.puts(instanceId)).toHaveLength(1);
  const builds = await buildsOf(instance, runId);
  expect(builds[0]).toBe('one');
  expect(builds.at(-1)).toBe('two');
});
