/** Whether a maintenance id counts as used, however many starts of it were refused since. */
import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  DefaultFailureConverter,
  defaultDataConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';

import { findUsedId } from '../../src/activities/earlier-runs.js';
import { MAINTENANCE_WORKFLOW_TYPE } from '../../src/contract/index.js';

const OWN = '00000000-0000-0000-0000-000000000000';
const FAILED = 3;

/** A client that lists the asking run, and so many that were refused before it. */
function afterRefused(count: number): Client {
  const refused = Array.from({ length: count }, (_, at) => `refused-${at}`);
  const executions = [OWN, ...refused].map((runId) => ({
    ...{ execution: { runId }, status: FAILED, type: { name: MAINTENANCE_WORKFLOW_TYPE } },
  }));
  const failure = new DefaultFailureConverter().errorToFailure(
    ApplicationFailure.nonRetryable('refused', 'INVALID_INPUT'),
    defaultPayloadConverter,
  );
  const last = { workflowExecutionFailedEventAttributes: { failure } };
  return {
    options: {
      namespace: 'default',
      loadedDataConverter: {
        ...defaultDataConverter,
        payloadConverter: defaultPayloadConverter,
        failureConverter: new DefaultFailureConverter(),
        payloadCodecs: [],
      },
    },
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflowService: {
      listWorkflowExecutions: ({ pageSize }: { readonly pageSize: number }) =>
        Promise.resolve({
          executions: executions.slice(0, pageSize),
          nextPageToken: new Uint8Array(),
        }),
      describeWorkflowExecution: ({ execution }: { readonly execution: { runId: string } }) =>
        Promise.resolve({ workflowExecutionInfo: { firstRunId: execution.runId } }),
      getWorkflowExecutionHistory: () => Promise.resolve({ history: { events: [last] } }),
    },
  } as unknown as Client;
}

const find = (client: Client) =>
  new MockActivityEnvironment().run(() => findUsedId(client, 'dcs-maintenance:drill'));

test('an id is new as long as every run of it is listed and none has sent', async () => {
  await expect(find(afterRefused(98))).resolves.toBeNull();
});

test('an id with more runs than are looked at counts as used', async () => {
  await expect(find(afterRefused(300))).resolves.toMatchObject({
    field: 'maintenanceId',
    problem: expect.stringContaining('at least 100 runs'),
  });
});
