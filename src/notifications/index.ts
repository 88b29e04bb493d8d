/**
 * What runs report, as CloudEvents or chat messages, to a webhook. Knows nothing of Temporal: what has to be delivered
 * comes by an activity, the rest by the outbox. Whatever happens here, no switchover waits for it.
 */
export { WEBHOOK_FORMATS, toCloudEvent } from './cloud-event.js';
export type { Origin, WebhookFormat } from './cloud-event.js';
export { createOutbox } from './outbox.js';
export type { Outbox, OutboxLimits, OutboxReporter } from './outbox.js';
export {
  MAX_SECRET_BYTES,
  WebhookSecretError,
  createPost,
  keysFromFile,
  keysFromText,
  parseKeys,
} from './post.js';
export type { Post, PostOptions, ReadKeys, Verdict, Webhook } from './post.js';
