import { jsonAnswer } from '../http/answer.js';
import { refuse } from '../http/refusal.js';
import { makeToken } from '../ids.js';
import type { Handler } from '../service/handler.js';
import { credentialBody } from './handlers.js';

/** Lifetime of a key of the metadata service, unless the options say otherwise. */
const KEY_LIFETIME_SECONDS = 86_400;
/** Longest lifetime of a metadata token: 6 hours, which the vendor's SDKs ask for. */
const MAX_TOKEN_SECONDS = 21_600;

/** The operations of the metadata service of a virtual machine, at 169.254.169.254 in real life. */
export const METADATA_HANDLERS = {
  createMetadataToken: ({ headers }, { settings, metadataTokens, clock }) => {
    if (settings.metadata.tokens === 'unavailable') refuse('noMetadataTokens');
    const seconds = Number(headers['x-metadata-token-ttl-seconds'] ?? NaN);
    const isLifetime = Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_TOKEN_SECONDS;
    if (!isLifetime) refuse('badMetadataToken');
    const token = makeToken();
    metadataTokens.set(token, clock.now() + seconds * 1000);
    return { status: 200, text: token, contentType: 'text/plain' };
  },
  showSecurityKey: ({ headers }, service) => {
    const { settings, account, metadataTokens, clock, keyring } = service;
    const { tokens, agencyName } = settings.metadata;
    const token = headers['x-metadata-token'];
    const isGood = (metadataTokens.get(String(token)) ?? 0) > clock.now();
    // Where tokens are not offered, the header means nothing.
    const isExpected = tokens !== 'unavailable' && (token !== undefined || tokens === 'required');
    if (isExpected && !isGood) refuse('staleMetadataToken');
    if (agencyName === null) refuse('noAgency');
    const user = `${account.domainName}/${agencyName}`;
    const caller = { user, credential: 'metadata', projectId: settings.projectId } as const;
    const lifetimeSeconds = settings.temporaryKeyLifetimeSeconds ?? KEY_LIFETIME_SECONDS;
    return jsonAnswer(200, credentialBody(keyring.issueKey(caller, lifetimeSeconds * 1000)));
  },
} satisfies Record<string, Handler>;
