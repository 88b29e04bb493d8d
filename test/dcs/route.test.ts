/** Settings of the way to an endpoint, and what names its ends. */
import { describe, expect, it, test } from '@jest/globals';

import {
  DcsConfigurationError,
  parseThrottleDetails,
  parseRetryAfterMs,
} from '../../src/dcs/errors.js';
import { parseProxy, routeTo, systemCodeOf, targetOf } from '../../src/dcs/route.js';
import { identityOf } from '../../src/dcs/signer.js';

import { makeCertificate } from './support.js';

const basic = (words: string) => ({
  'Proxy-Authorization': `Basic ${Buffer.from(words).toString('base64')}`,
});

describe('a proxy', () => {
  test('may have a user, a password, both or neither, which are for it alone', () => {
    const headersOf = (user: string) => parseProxy(`http://${user}proxy:3128`);
    const origin = 'http://proxy:3128';
    expect(headersOf('')).toStrictEqual({ origin, headers: {} });
    expect(headersOf('ann@')).toStrictEqual({ origin, headers: basic('ann:') });
    expect(headersOf(':pw@')).toStrictEqual({ origin, headers: basic(':pw') });
    expect(headersOf('a%40b:p%3Aw@')).toStrictEqual({ origin, headers: basic('a@b:p:w') });
    expect(parseProxy(null)).toBeNull();
  });

  it.each([
    'https://proxy:3128',
    'http://proxy:3128/path',
    'http://proxy:3128/?a=1',
    'http://proxy:3128/#a',
    'proxy:3128',
    '',
    'http://a%:pw@proxy:3128',
  ])('is no %j, and its setting is named', (url) => {
    expect(() => parseProxy(url)).toThrow(DcsConfigurationError);
    expect(() => parseProxy(url)).toThrow(/^proxyUrl /);
  });
});

describe('the way to an endpoint', () => {
  const settings = { proxyUrl: 'http://proxy:3128' };

  test('leads through the proxy for TLS alone, and trusts the built-in authorities by default', () => {
    expect(routeTo(new URL('https://dcs.example'), settings)).toMatchObject({
      ...{ isTls: true, proxy: { origin: 'http://proxy:3128' }, secureContext: undefined },
    });
    expect(routeTo(new URL('http://127.0.0.1'), settings)).toMatchObject({
      isTls: false,
      proxy: null,
    });
  });

  test('trusts the authorities that are named, if each can be read', () => {
    const { cert } = makeCertificate();
    const to = (ca: string) => routeTo(new URL('https://dcs.example'), { ca });
    expect(to(`# ours\n${cert}\n${cert}`).secureContext).toBeDefined();
    const broken = cert.replace(/\n\S{8}/, '\n!!!!!!!!');
    for (const ca of ['', 'no certificate', `${cert}\n${broken}`]) {
      expect(() => to(ca)).toThrow(DcsConfigurationError);
      expect(() => to(ca)).toThrow(/^ca /);
    }
  });

  it.each([
    ['https://dcs.example', { host: 'dcs.example', port: 443, servername: 'dcs.example' }],
    ['http://dcs.example', { host: 'dcs.example', port: 80, servername: 'dcs.example' }],
    ['https://dcs.example:8443', { host: 'dcs.example', port: 8443, servername: 'dcs.example' }],
    ['https://[::1]', { host: '::1', port: 443, servername: '' }],
    ['https://10.0.0.1', { host: '10.0.0.1', port: 443, servername: '' }],
  ])('%s ends at %j', (origin, target) => {
    expect(targetOf(new URL(origin))).toStrictEqual({ ...target, noDelay: true });
  });

  it.each([
    [{ code: 'ECONNRESET' }, 'ECONNRESET'],
    [{ code: 7 }, 'unknown reason'],
    [new Error('x'), 'unknown reason'],
    [null, 'unknown reason'],
  ])('%j ends it by %s', (error, code) => {
    expect(systemCodeOf(error)).toBe(code);
  });
});

describe('what the gateway says of a spent quota', () => {
  it.each([
    ['policy  user  over  ratelimit,limit: 100,time: 10 seconds', 'user', 100, 10_000],
    ['Policy API over ratelimit,limit:5,time:12 hour', 'api', 5, 43_200_000],
    ['limit:7,time:2day', null, 7, 172_800_000],
    ['time:1 fortnight', null, null, null],
    ['uptime:5 minute', null, null, null],
    ['nothing', null, null, null],
  ])('%j', (message, policy, limit, windowMs) => {
    expect(parseThrottleDetails(message)).toStrictEqual({ policy, limit, windowMs });
  });

  it.each([
    ['time: 30 seconds', 30_000],
    ['time:5minute', 300_000],
    ['time:10 minute', 600_000],
    ['time:11 minute', null],
    ['time:1 day', null],
  ])('asks to wait by %j: %s ms', (message, waitMs) => {
    expect(parseRetryAfterMs(undefined, message, 0)).toBe(waitMs);
  });
});

test('credentials are told apart by all that they consist of', () => {
  const key = { kind: 'access-key', accessKey: 'a', secretKey: 'b', securityToken: null } as const;
  const identities = [
    ...[
      key,
      { ...key, accessKey: 'x' },
      { ...key, secretKey: 'x' },
      { ...key, securityToken: 'x' },
    ],
    ...[{ kind: 'token', token: 'a' } as const, { kind: 'token', token: 'b' } as const],
    { ...key, accessKey: 'ab', secretKey: '' },
  ].map(identityOf);
  expect(new Set(identities).size).toBe(identities.length);
});
