/**
 * The DCS HTTP client. Knows nothing of Temporal; imports nothing of the other folders. Only
 * activities (and tests) import it.
 */
export type { CallerIdentity, CloudUser, ShownUser } from './caller-identity.js';
export { createDcsClient } from './client.js';
export type { DcsClient, DcsClientOptions, OpenSwap } from './client.js';
export type { ReadOptions } from './read-in-turn.js';
export type { TurnOptions } from './turns.js';
export { createCredentialSource } from './credentials/create.js';
export type { CredentialOptions } from './credentials/create.js';
export type { CredentialSource, Credentials } from './credentials/types.js';
export { environmentCredentials } from './credentials/local.js';
export type { CredentialSettings } from './credentials/settings.js';
export { parseEndpoint, parseMetadataEndpoint } from './endpoint.js';
export type { Exchange } from './exchange.js';
export type {
  Answer,
  InstanceDetails,
  InstanceNodes,
  InstanceTag,
  JobInfo,
  NodeInfo,
  TaskInfo,
} from './models.js';
export { DcsConfigurationError } from './errors/dcs-configuration-error.js';
export { DcsConnectionError } from './errors/dcs-connection-error.js';
export { DcsCredentialsError } from './errors/dcs-credentials-error.js';
export { DcsError } from './errors.js';
export type { DcsErrorFacts, Delivery, Throttle } from './errors.js';
export { DcsHttpError } from './errors/dcs-http-error.js';
export { DcsReadLimitError } from './errors/dcs-read-limit-error.js';
export { DcsResponseError } from './errors/dcs-response-error.js';
export { DcsThrottledError } from './errors/dcs-throttled-error.js';
export { DcsTimeoutError } from './errors/dcs-timeout-error.js';
export { DcsUnauthenticatedError } from './errors/dcs-unauthenticated-error.js';
