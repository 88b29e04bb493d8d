import type { WebhookConfig } from '../config/index.js';

import { ok, skip, warn } from '../doctor/check.js';
import type { Finding } from '../doctor/check.js';
import { DialError, dial, hostOf, portOf } from './dcs/dial.js';

const ID = 'webhook';

/** Longest time for one stage of the connection, in milliseconds. */
const STAGE_TIMEOUT_MS = 4_000;

/**
 * Whether a connection to the webhook comes about; nothing is posted. It is never more than a warning: no
 * switchover waits for it. Of the URL only the origin is told.
 */
export async function checkWebhook(webhook: WebhookConfig | null): Promise<Finding> {
  if (webhook === null) return skip(ID, 'none is configured: nobody is told of runs');
  const endpoint = new URL(webhook.url);
  try {
    const options = { endpoint, proxy: null, ca: null, timeoutMs: STAGE_TIMEOUT_MS };
    const { tlsVersion } = await dial(options);
    return ok(ID, `${endpoint.origin} answers (${tlsVersion ?? 'plain text'})`);
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return warn(ID, `${endpoint.origin}: ${error.message}`, fixOf(error, endpoint));
  }
}

function fixOf({ stage }: DialError, endpoint: URL): string {
  return stage === 'TLS'
    ? `Set NODE_EXTRA_CA_CERTS to the certificate of the authority that signed ${endpoint.host}.`
    : `Correct DCS_SWITCHOVER_WEBHOOK_URL, or open the way to ${hostOf(endpoint)}, TCP port ${portOf(endpoint)}: it is not reached through DCS_HTTPS_PROXY.`;
}
