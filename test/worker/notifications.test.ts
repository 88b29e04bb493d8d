/** From the sink of a workflow to the webhook, counted and logged by the runtime of the host. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MetricMeter } from '@temporalio/common';
import type { WorkflowInfo } from '@temporalio/workflow';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { Notification } from '../../src/contract/index.js';
import { createNotifications } from '../../src/worker/notifications.js';
import type { NotificationTelemetry } from '../../src/worker/notifications.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';

const INFO = { namespace: 'default', workflowId: 'w:1', runId: 'run' } as WorkflowInfo;

const reported = (n: number): Notification => ({
  type: NOTIFICATION_TYPES.switchoverEnded,
  id: `run:${n}`,
  time: '2026-12-05T01:00:00.000Z',
  data: { outcome: 'SUCCEEDED' },
});

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

function telemetry() {
  const counts: string[] = [];
  const lines: string[] = [];
  const log = (message: string, meta: unknown) => lines.push(`${message} ${JSON.stringify(meta)}`);
  const createCounter = (name: string) => ({
    add: (_: number, { result }: { result: string }) => counts.push(`${name} ${result}`),
  });
  const found: NotificationTelemetry = {
    metricMeter: { createCounter } as unknown as MetricMeter,
    logger: { warn: log, info: log },
  };
  return { counts, lines, found };
}

const env = () => ({ DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret });

describe('the sink of a worker', () => {
  it('posts what it is reported, and counts it', async () => {
    const { counts, lines, found } = telemetry();
    const webhook = { url: receiver.url, secretFile: null };
    const { sinks, drain } = createNotifications({ webhook }, env(), () => found);
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(receiver.events()).toEqual([
      expect.objectContaining({
        id: 'run:0',
        source: '/namespaces/default/workflows/w%3A1/run',
        data: { outcome: 'SUCCEEDED' },
      }),
    ]);
    expect(counts).toEqual(['dcs_switchover_notifications delivered']);
    expect(lines).toEqual([]);
  });

  it('logs a loss with what it was, and of the URL only the origin', async () => {
    receiver.replyWith(410);
    const { counts, lines, found } = telemetry();
    const webhook = { url: receiver.url, secretFile: null };
    const { sinks, drain } = createNotifications({ webhook }, env(), () => found);
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(counts).toEqual(['dcs_switchover_notifications refused']);
    expect(lines.join('\n')).toMatch(/notification dropped .*"subject":"w:1".*"loss":"refused"/);
    expect(lines.join('\n')).toContain(new URL(receiver.url).origin);
    expect(lines.join('\n')).not.toMatch(/token-of-the-url|whsec_/);
  });

  it('is not called while a history replays', () => {
    const { sinks } = createNotifications({ webhook: null }, {});
    expect(sinks.dcsSwitchoverNotifications.tell.callDuringReplay).not.toBe(true);
  });

  it('takes and forgets everything without a webhook, and looks for no runtime', async () => {
    const { sinks, drain } = createNotifications({ webhook: null }, {}, () => {
      throw new Error('there is no runtime');
    });
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(receiver.received).toEqual([]);
  });
});
