/**
 * What runs tell, as CloudEvents, to a webhook. Knows nothing of Temporal: the worker hands over what its
 * workflows tell. Whatever happens here, no run waits for it.
 */
export { toCloudEvent, toLetter } from './cloud-event.js';
export type { CloudEvent, Letter, Origin } from './cloud-event.js';
export { createOutbox } from './outbox.js';
export type { Loss, Outbox, OutboxLimits, OutboxReporter } from './outbox.js';
export { createPost } from './post.js';
export type { Post, PostOptions, Verdict } from './post.js';
export { MAX_SECRET_BYTES, keysFromFile, keysFromText } from './secret.js';
export type { ReadKeys } from './secret.js';
export { WebhookSecretError, parseKeys } from './signature.js';
