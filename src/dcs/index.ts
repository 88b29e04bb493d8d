/**
 * The DCS HTTP client. Knows nothing of Temporal; imports nothing of the other folders. Only
 * activities (and tests) import it.
 */
export type { CloudUser } from './caller-identity.js';
export { createDcsClient } from './client.js';
export type { DcsClient, DcsClientOptions, OpenSwap } from './client.js';
export type { OnTurnWait, ReadOptions, TurnOptions, TurnWait } from './turns.js';
export { createCredentialSource } from './credentials/create.js';
export type { CredentialSource, Credentials } from './credentials/source.js';
export { environmentCredentials, readSecretFile, readSmallFile } from './credentials/local.js';
export type { CredentialSettings } from './credentials/source.js';
export { checkId, parseCredentialsUri, parseEndpoint, parseMetadataEndpoint } from './endpoint.js';
export { createConnect, routeTo, systemCodeOf, targetOf, TunnelError } from './route.js';
export type { Route } from './route.js';
export type { Exchange } from './attempt.js';
export type { Answer } from './lists.js';
export type { InstanceDetails, InstanceTag, JobInfo, NodeInfo, TaskInfo } from './parse.js';
export type { DcsErrorFacts } from './errors.js';
export {
  DcsConfigurationError,
  DcsConnectionError,
  DcsCredentialsError,
  DcsError,
  DcsHttpError,
  DcsReadLimitError,
  DcsResponseError,
  DcsTimeoutError,
  DcsUnauthenticatedError,
} from './errors.js';
