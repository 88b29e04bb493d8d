/**
 * What runs report, as CloudEvents, to a webhook. Knows nothing of Temporal: the worker hands over what its
 * workflows report. Whatever happens here, no run waits for it.
 */
export { toCloudEvent, toLetter } from './cloud-event.js';
export type { Letter, Origin } from './cloud-event.js';
export { createOutbox } from './outbox.js';
export type { Outbox, OutboxLimits, OutboxReporter } from './outbox.js';
export { createPost } from './outbox.js';
export type { PostOptions } from './outbox.js';
export { MAX_SECRET_BYTES, keysFromFile, keysFromText } from './cloud-event.js';
export type { ReadKeys } from './cloud-event.js';
export { WebhookSecretError, parseKeys } from './cloud-event.js';
