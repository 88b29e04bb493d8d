/** The other side closed a connection before anything was written to it. */
export const CLOSED_UNUSED = 'CLOSED_UNUSED';

/** Why no connection came about, and what to do; first match wins. */
const HINTS: readonly (readonly [reason: RegExp, hint: string])[] = [
  [/^PROXY_407$/, 'the proxy wants other credentials: correct DCS_HTTPS_PROXY'],
  [/^PROXY_\d+$/, 'the proxy does not open the way to this endpoint: ask for it to be allowed'],
  [/^PROXY_(?:CLOSED|ECONNRESET)$/, 'the proxy hung up: see its log, and check DCS_HTTPS_PROXY'],
  [/^PROXY_/, 'the proxy itself was not reached: check DCS_HTTPS_PROXY'],
  [
    /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/,
    'its certificate is not trusted: name the authority in DCS_CA_FILE of the worker',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name: check the endpoint'],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^CLOSED_UNUSED$/, 'the other side closed it before anything was sent'],
  [/^ECONNREFUSED$/, 'nobody listens there: check the endpoint and the firewall'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'the name does not resolve here: check the endpoint and DNS'],
];

/** The reason of the system in words: `ENOTFOUND: the name does not …`. */
export function explainReason(reason: string): string {
  const [, hint] = HINTS.find(([pattern]) => pattern.test(reason)) ?? [];
  return hint === undefined ? reason : `${reason}: ${hint}`;
}

/** Whether a failure with this reason comes before any byte of a request. */
export function isBeforeRequest(reason: string): boolean {
  return HINTS.some(([pattern]) => pattern.test(reason));
}
