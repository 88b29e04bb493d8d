import { CodecError, PayloadsEncodedError } from '../data-converter/index.js';
import { DcsError } from '../dcs/index.js';

import { ActivityError } from './errors.js';

/** IAM action behind each call, for the message of a 403 (API pages of the calls). */
const ACTIONS: Readonly<Record<string, string>> = {
  listInstances: 'dcs:instance:list',
  // Its page names no action of its own; that of the list is the likely one.
  listAllNodes: 'dcs:instance:list',
  showInstance: 'dcs:instance:get',
  showTags: 'dcs:tag:get',
  listNodes: 'dcs:instance:get',
  listGroups: 'dcs:instance:get',
  listTasks: 'dcs:instance:getBackgroundTask',
  listCenterTasks: 'dcs:task:list',
  showJob: 'dcs:job:get',
  requestSwap: 'dcs:instance:swap',
};

/** An error in words that are fit for history and logs: sanitised by the DCS client, ours, or its name only. */
export function explain(error: unknown): string {
  const requestId = error instanceof DcsError ? error.requestId : null;
  return `${explainWithoutId(error)}${requestId === null ? '' : ` (request id ${requestId})`}`;
}

/** The same where the request id is told beside it. */
export function explainWithoutId(error: unknown): string {
  if (error instanceof ActivityError) return error.message;
  if (error instanceof CodecError || error instanceof PayloadsEncodedError) return error.message;
  if (!(error instanceof DcsError)) return error instanceof Error ? error.name : 'unknown error';
  // A page of a proxy or firewall says 403 as well, and no policy of the account would change that.
  const isOfService = error.status === 403 && error.bodyParsed;
  const action = isOfService ? ACTIONS[error.operation] : undefined;
  const cure = action === undefined ? whyNoSuchCall(error) : `the credential lacks ${action}`;
  return [error.message, cure].filter(Boolean).join('; ');
}

/** A region whose API is older than the call (change history of the API: async-swap since 2024-01-19). */
function whyNoSuchCall({ operation, code }: DcsError): string | null {
  const isMissing = operation === 'requestSwap' && code === 'APIGW.0101';
  return isMissing
    ? 'the API of this region may not have async-swap, which exists since January 2024'
    : null;
}
