/** From the sink of a workflow to the webhook, counted and logged by the runtime of the host. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MetricMeter } from '@temporalio/common';
import type { WorkflowInfo } from '@temporalio/workflow';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { WebhookConfig } from '../../src/config/index.js';
import type { Notification } from '../../src/contract/index.js';
import { createNotifications } from '../../src/worker/notifications.js';
import type { NotificationTelemetry } from '../../src/worker/notifications.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';

const INFO = { namespace: 'default', workflowId: 'w:1', runId: 'run' } as WorkflowInfo;

const reported = (n: number): Notification => ({
  type: NOTIFICATION_TYPES.switchoverPhase,
  id: `run:${n}`,
  time: '2026-12-05T01:00:00.000Z',
  data: { phase: 'SWAPPING' },
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
    logger: { warn: log },
  };
  return { counts, lines, found };
}

const webhook = (types = Object.values(NOTIFICATION_TYPES)): WebhookConfig => ({
  ...{ url: receiver.url, secretFile: null, format: 'cloudevents', types },
});

const env = () => ({ DCS_SWITCHOVER_WEBHOOK_SECRET: receiver.secret });

describe('the sink of a worker', () => {
  it('posts what it is reported, and counts it', async () => {
    const { counts, lines, found } = telemetry();
    const { sinks, drain } = createNotifications({ webhook: webhook() }, env(), () => found);
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(receiver.events()).toEqual([
      expect.objectContaining({
        id: 'run:0',
        source: '/namespaces/default/workflows/w%3A1/run',
        data: { phase: 'SWAPPING' },
      }),
    ]);
    expect(counts).toEqual(['dcs_switchover_notifications delivered']);
    expect(lines).toEqual([]);
  });

  it('logs a loss with what it was, and of the URL only the origin', async () => {
    receiver.replyWith(503);
    const { counts, lines, found } = telemetry();
    const { sinks, drain } = createNotifications({ webhook: webhook() }, env(), () => found);
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(counts).toEqual(['dcs_switchover_notifications missed']);
    expect(lines.join('\n')).toMatch(/notification missed .*"subject":"w:1".*"why":"answered 503"/);
    expect(lines.join('\n')).toContain(new URL(receiver.url).origin);
    expect(lines.join('\n')).not.toMatch(/token-of-the-url|whsec_/);
  });

  it('posts nothing that the webhook does not want', async () => {
    const { sinks, drain } = createNotifications({ webhook: webhook([]) }, env());
    await sinks.dcsSwitchoverNotifications.tell.fn(INFO, reported(0));
    await drain();
    expect(receiver.received).toEqual([]);
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
