/** A worker whose clock makes the gateway refuse what it signs: another one of its queue may be able to read. */
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';

import { createActivities } from '../../src/activities/index.js';
import { DEFAULT_TIMING } from '../../src/contract/index.js';
import { DcsHttpError, DcsUnauthenticatedError } from '../../src/dcs/index.js';
import type { DcsClient } from '../../src/dcs/index.js';
import { DcsCredentialsError } from '../../src/dcs/errors.js';
import { OPEN_POLICY } from '../../src/domain/policy.js';
import type { JobCall, WatchCall } from '../../src/domain/reports.js';
import { BEFORE, requestOf } from '../domain/support.js';

import { temporalAnswering } from './support.js';

const MAX_ATTEMPTS = 10;

const FACTS = { operation: 'read', method: 'GET', route: '/', bodyParsed: true } as const;
const SKEW_MS = 1_200_000;

const refusal = new DcsHttpError(
  { ...FACTS, delivery: 'answered', status: 401, clockSkewMs: SKEW_MS },
  "this machine's clock is 1200 s ahead of the API",
);
/** What follows such refusals, while the credential is spared. */
const pause = new DcsUnauthenticatedError(
  { ...FACTS, delivery: 'never-sent' },
  new DcsCredentialsError('the same credential was refused 2 times', SKEW_MS),
);
/** Not the clock's fault: no other worker would be answered otherwise. */
const otherRefusal = new DcsHttpError({ ...FACTS, delivery: 'answered', status: 401 }, 'refused');

function activitiesFailingWith(error: Error) {
  const fail = (): Promise<never> => Promise.reject(error);
  const dcs = {
    ...{ showJob: fail, listNodes: fail, showInstance: fail, listTasks: fail },
    refreshCredentials: () => Promise.resolve(),
  } as unknown as DcsClient;
  return createActivities({
    findProject: (projectId) => ({
      ...{ projectId, region: 'eu-west-101', dcs, policy: OPEN_POLICY, taskUserName: null },
    }),
    isDraining: () => false,
    searchAttributes: [],
    temporal: temporalAnswering(),
  });
}

const request = requestOf({
  timing: { ...DEFAULT_TIMING, verifySamples: 1, verifyIntervalSeconds: 0 },
});

const at = (attempt: number) =>
  new MockActivityEnvironment({
    ...{ attempt, retryPolicy: { maximumAttempts: MAX_ATTEMPTS } },
  });

const watch: WatchCall = {
  ...{ request, before: BEFORE, watchSeconds: 0, knownSwapTaskIds: [], ownJobIds: ['job-1'] },
  mayHaveInactiveReplicas: false,
};

const poll = { request, jobId: 'job-1', taskId: null, deadlineMs: 0 } as JobCall;

describe.each([
  ['is refused for its clock', refusal],
  ['waits because it was', pause],
])('a worker that %s', (_, error) => {
  const activities = activitiesFailingWith(error);

  test('leaves the polling of a job to another one', async () => {
    await expect(at(1).run(activities.awaitJob, poll)).rejects.toMatchObject({
      name: 'WorkerClockError',
      message: error.message,
    });
  });

  test('leaves the watching of roles to another one, while there are attempts left', async () => {
    for (const attempt of [1, MAX_ATTEMPTS - 1])
      await expect(at(attempt).run(activities.watchRoles, watch)).rejects.toMatchObject({
        name: 'WorkerClockError',
      });
  });

  test('stays at the last attempt: its clock may be set meanwhile', async () => {
    expect(await at(MAX_ATTEMPTS).run(activities.awaitJob, poll)).toMatchObject({
      state: 'unfinished',
    });
  });
});

test('a worker that is refused for its credential leaves it to no one: all have the same', async () => {
  const { awaitJob } = activitiesFailingWith(otherRefusal);
  expect(await at(1).run(awaitJob, poll)).toMatchObject({ state: 'unfinished' });
});
