/** How runs have their end delivered, and the run that delivers it, on the time-skipping server; activities are scripted. */
import { expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import type { Activities } from '../../src/activities/index.js';
import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { CloudEvent, NotificationType } from '../../src/contract/index.js';
import type { StartDeliveryCall } from '../../src/domain/notification.js';
import { createNotifications, workflowBundlePath } from '../../src/worker.js';
import { eventOf } from '../notifications/support.js';
import { useTimeSkippingServer } from '../support/temporal-server.js';

Runtime.install({ logger: new DefaultLogger('FATAL' as 'ERROR') });

const server = useTimeSkippingServer();

let runs = 0;

/** Runs a workflow to its end. */
async function run(type: string, input: unknown, activities: Partial<Activities>) {
  const { client, nativeConnection } = server();
  runs += 1;
  const taskQueue = `notify-${runs}`;
  const worker = await Worker.create({
    ...{ connection: nativeConnection, taskQueue, activities },
    workflowBundle: { codePath: workflowBundlePath() },
    sinks: createNotifications({ webhook: null }, {}).sinks,
  });
  return worker.runUntil(async () => {
    const options = { taskQueue, workflowId: `notify-${runs}`, args: [input] };
    const handle = await client.workflow.start(type, options);
    const cause = await handle.result().then(
      () => null,
      (error: unknown) => (error as WorkflowFailedError).cause as ApplicationFailure,
    );
    const { startTime, closeTime } = await handle.describe();
    return { cause, tookMs: Number(closeTime) - Number(startTime) };
  });
}

/** A switchover that its pre-check finds invalid; its end is the notification after that of its phase. */
async function runInvalid(
  deliveries: readonly NotificationType[] | undefined,
  deliver: () => Promise<void> = () => Promise.resolve(),
) {
  const calls: StartDeliveryCall[] = [];
  const reported = deliveries === undefined ? {} : { deliveries };
  const end = await run(
    'dcsSwitchover',
    {},
    {
      preflight: () =>
        Promise.resolve({ verdict: 'invalid', problems: [], searchAttributes: [], ...reported }),
      startDelivery: (call) => {
        calls.push(call);
        return deliver();
      },
    },
  );
  expect(end.cause).toMatchObject({ type: 'INVALID_INPUT' });
  return { ...end, calls };
}

const { switchoverEnded, maintenanceEnded } = NOTIFICATION_TYPES;

/** A workflow task that is tried again, on a busy machine, calls again: it is the same notification all the same. */
const idsOf = (calls: readonly StartDeliveryCall[]): Set<string> =>
  new Set(calls.map(({ notification }) => notification.id));

test('a run has its end delivered where its first activity says that the webhook takes it', async () => {
  const { calls } = await runInvalid([switchoverEnded]);
  expect(calls[0]).toMatchObject({
    notification: { type: switchoverEnded, data: { outcome: 'INVALID_INPUT' } },
  });
  expect(idsOf(calls).size).toBe(1);
  expect((await runInvalid([maintenanceEnded])).calls).toEqual([]);
});

test('a run whose first activity has not said so asks the worker that ends it', async () => {
  const { calls } = await runInvalid(undefined);
  expect(calls[0]).toMatchObject({ types: null, notification: { type: switchoverEnded } });
});

test('a run ends as it should where no delivery can be started', async () => {
  const refuse = (): Promise<void> => Promise.reject(new Error('Temporal does not answer'));
  const { calls } = await runInvalid([switchoverEnded], refuse);
  expect(calls.length).toBeGreaterThan(1);
  expect(idsOf(calls).size).toBe(1);
});

const later = (nextRetryDelay: '1s' | '1h' = '1s'): Promise<void> =>
  Promise.reject(
    ApplicationFailure.create({ type: 'NotDeliveredYet', message: 'answered 503', nextRetryDelay }),
  );

test('a delivery posts the same event until it is taken', async () => {
  const posted: CloudEvent[] = [];
  const { cause } = await run('dcsNotify', eventOf(4), {
    postNotification: (event) => {
      posted.push(event);
      return posted.length < 3 ? later() : Promise.resolve();
    },
  });
  expect(cause).toBeNull();
  expect(posted).toEqual([eventOf(4), eventOf(4), eventOf(4)]);
});

test('a delivery that was refused fails at once, and says what to do', async () => {
  let attempts = 0;
  const { cause } = await run('dcsNotify', eventOf(4), {
    postNotification: () => {
      attempts += 1;
      return Promise.reject(ApplicationFailure.nonRetryable('answered 410', 'NotificationRefused'));
    },
  });
  expect(attempts).toBe(1);
  expect(cause).toMatchObject({ type: 'NOTIFICATION_LOST', details: [{ id: 'run:4' }] });
  expect(cause?.message).toBe(
    'The notification was not delivered: answered 410. The run that it is about is not touched.\n' +
      'Look at the webhook:\n  dcs-switchover doctor',
  );
});

test('a delivery is given up after a day, by what the last attempt has said', async () => {
  let attempts = 0;
  const { cause, tookMs } = await run('dcsNotify', eventOf(4), {
    postNotification: () => {
      attempts += 1;
      return later('1h');
    },
  });
  expect(cause?.message).toContain('answered 503');
  expect(attempts).toBeGreaterThan(22);
  expect(Math.abs(tookMs / 3_600_000 - 24)).toBeLessThan(1);
}, 120_000);
