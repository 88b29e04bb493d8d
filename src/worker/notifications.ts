/** From the sink of the workflows to the webhook. */
import type { Logger, MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import type { InjectedSinks } from '@temporalio/worker';

import { WEBHOOK_VARIABLES } from '../config/index.js';
import type { WebhookConfig, WorkerConfig } from '../config/index.js';
import type { Notification } from '../contract/index.js';
import { METRICS } from '../domain/telemetry.js';
import type { NotificationSinks } from '../domain/telemetry.js';
import {
  createOutbox,
  createPost,
  keysFromFile,
  keysFromText,
  toCloudEvent,
} from '../notifications/index.js';
import type { Origin, Outbox, OutboxReporter, ReadKeys, Webhook } from '../notifications/index.js';
import { packageVersion } from '../package-version.js';

/** Time for what is left when a worker has ended, in milliseconds. */
const DRAIN_MS = 5_000;

/** The reporting side of a worker: what is posted once. */
export interface Notifications {
  /** For `Worker.create`. */
  readonly sinks: InjectedSinks<NotificationSinks>;
  /** Sends what is left, for up to 5 s; to be called once the worker has ended. */
  readonly drain: () => Promise<void>;
}

/** What counts and logs: the SDK's runtime, so that a host finds both in its own telemetry. */
export interface NotificationTelemetry {
  readonly metricMeter: MetricMeter;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * The sink, and behind it the webhook of the configuration; without one, nothing is kept of what is reported.
 * The runtime is looked up at the first reporting: earlier, the host may not have installed its own.
 */
export function createNotifications(
  { webhook }: Pick<WorkerConfig, 'webhook'>,
  env: NodeJS.ProcessEnv,
  findTelemetry: () => NotificationTelemetry = () => Runtime.instance(),
): Notifications {
  let outbox: Outbox | undefined;
  const tell = (origin: Origin, notification: Notification): void => {
    if (webhook?.types.includes(notification.type) !== true) return;
    outbox ??= createOutbox(
      openWebhook(webhook, env).post,
      createReporter(webhook, findTelemetry()),
    );
    outbox.add(toCloudEvent(origin, notification));
  };
  return {
    sinks: {
      dcsSwitchoverNotifications: {
        tell: {
          fn: ({ namespace, workflowId, runId }, notification) => {
            tell({ namespace, workflowId, runId }, notification);
          },
        },
      },
    },
    drain: () => outbox?.drain(DRAIN_MS) ?? Promise.resolve(),
  };
}

/** The webhook of the configuration, with the keys of the environment. */
export function openWebhook(config: WebhookConfig, env: NodeJS.ProcessEnv): Webhook {
  const { url, format, types } = config;
  const userAgent = `dcs-switchover/${packageVersion()}`;
  return { types, post: createPost({ url, format, readKeys: keysOf(config, env), userAgent }) };
}

function keysOf({ secretFile }: WebhookConfig, env: NodeJS.ProcessEnv): ReadKeys | null {
  if (secretFile !== null) return keysFromFile(secretFile);
  const secret = env[WEBHOOK_VARIABLES.secret] ?? '';
  return secret === '' ? null : keysFromText(secret);
}

/** Of the URL only its origin is logged: the rest may be a token. */
function createReporter(
  { url }: WebhookConfig,
  { metricMeter, logger }: NotificationTelemetry,
): OutboxReporter {
  const webhook = new URL(url).origin;
  const { name, description } = METRICS.notifications;
  const counter = metricMeter.createCounter(name, '', description);
  return ({ id, type, subject }, why) => {
    counter.add(1, { result: why === null ? 'delivered' : 'missed' });
    if (why !== null) logger.warn('notification missed', { webhook, id, type, subject, why });
  };
}
