/** What errors say of a connection that did not come about, and what is read from the words of others. */
import { describe, expect, it } from '@jest/globals';

import {
  DcsConnectionError,
  explainReason,
  isBeforeRequest,
  parseRetryAfterMs,
  parseThrottleDetails,
} from '../../src/dcs/errors.js';

const NOW_MS = Date.UTC(2026, 10, 30);

describe('a reason of the system', () => {
  it.each([
    ['PROXY_407', /^PROXY_407: the proxy wants other credentials/],
    ['PROXY_503', /^PROXY_503: the proxy does not open the route/],
    ['PROXY_CLOSED', /: the proxy hung up/],
    ['PROXY_ECONNRESET', /: the proxy hung up/],
    ['PROXY_ECONNREFUSED', /: the proxy itself was not reached/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /: its certificate is not trusted/],
    ['UNABLE_TO_GET_ISSUER_CERT', /: its certificate is not trusted/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /: its certificate is not trusted/],
    ['CERT_UNTRUSTED', /: its certificate is not trusted/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /: its certificate is for another name/],
    ['CERT_HAS_EXPIRED', /: its certificate has expired$/],
    ['CLOSED_UNUSED', /: the other side closed it before anything was sent$/],
    ['ECONNREFUSED', /: no one listens there/],
    ['ENOTFOUND', /: the name does not resolve here/],
    ['EAI_AGAIN', /: the name does not resolve here/],
  ])('%s has a hint, and comes before any byte of a request', (reason, text) => {
    expect(explainReason(reason)).toMatch(text);
    expect(isBeforeRequest(reason)).toBe(true);
  });

  // Of what may have come after the first byte nothing must say that it was before.
  it.each([
    ...[
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'XPROXY_407',
      'CERT_HAS_EXPIRED_2',
      'XCERT_HAS_EXPIRED',
    ],
    ...['CLOSED_UNUSED_2', 'XCLOSED_UNUSED', 'ECONNREFUSED_2', 'XECONNREFUSED', 'ENOTFOUND_2'],
    ...['XEAI_AGAIN', 'ERR_TLS_CERT_ALTNAME_INVALID_2', 'XERR_TLS_CERT_ALTNAME_INVALID'],
  ])('%s has none, and may come later', (reason) => {
    expect([explainReason(reason), isBeforeRequest(reason)]).toEqual([reason, false]);
  });

  it.each([
    ['PROXY_4071', /does not open the route/],
    ['PROXY_12X', /was not reached/],
    ['PROXY_CLOSED_2', /was not reached/],
  ])('%s is a proxy of which less is known', (reason, text) => {
    expect(explainReason(reason)).toMatch(text);
  });
});

describe('the error of a connection', () => {
  const say = (delivery: 'never-sent' | 'maybe-sent', reason: string): string =>
    new DcsConnectionError(
      { ...{ operation: 'listTasks', method: 'GET', route: '/r' }, delivery },
      reason,
    ).message;

  it('says whether one came about', () => {
    expect(say('never-sent', 'ETIMEDOUT')).toBe('GET /r: no connection (ETIMEDOUT)');
    expect(say('maybe-sent', 'ECONNRESET')).toBe('GET /r: connection lost (ECONNRESET)');
  });
});

describe('how long the service asks to wait', () => {
  it.each<[string | undefined, string, number | null]>([
    ['7', 'time:1 minute', 7_000],
    ['600', '', 600_000],
    ['601', 'time: 2 second', 2_000],
    [undefined, 'limit:100,time:1 minute', 60_000],
    [undefined, 'TIME:3 Minutes', 180_000],
    [undefined, 'time:1 hour', null],
    [undefined, 'time:1 fortnight', null],
    [undefined, 'time: minute', null],
    [undefined, '', null],
  ])('by %j and %j it is %j', (header, message, expected) => {
    expect(parseRetryAfterMs(header, message, NOW_MS)).toBe(expected);
  });
});

describe('the quota that a 429 names', () => {
  it.each([
    [
      'policy USER over ratelimit,limit:100,time:1 minute',
      { policy: 'user', limit: 100, windowMs: 60_000 },
    ],
    ['limit: 5, time: 2 days', { policy: null, limit: 5, windowMs: 172_800_000 }],
    ['time: 30 seconds', { policy: null, limit: null, windowMs: 30_000 }],
    ['time: 30 moons', { policy: null, limit: null, windowMs: null }],
    ['limit:many', { policy: null, limit: null, windowMs: null }],
    ['', { policy: null, limit: null, windowMs: null }],
  ])('is read from %j', (message, expected) => {
    expect(parseThrottleDetails(message)).toEqual(expected);
  });
});
