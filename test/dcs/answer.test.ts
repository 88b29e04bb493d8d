/** What a response is: an answer, or the error that it is, in words that a person can act on. */
import { afterEach, describe, expect, it, jest, test } from '@jest/globals';

import { normaliseCode, parseErrorBody, toAnswer, withoutSecrets } from '../../src/dcs/answer.js';
import type { AuthMethod } from '../../src/dcs/answer.js';
import { DcsHttpError, DcsResponseError, DcsThrottledError } from '../../src/dcs/errors.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const CALL = { operation: 'showJob', method: 'GET', route: '/r' } as const;
const SIGNED: AuthMethod = { isSigned: true, source: 'file /keys/sk' };
const BUSY = JSON.stringify({ error_code: 'DCS.4049', error_msg: 'busy..' });

const dateOf = (offsetMs: number): string => new Date(NOW_MS + offsetMs).toUTCString();
const respond = (status: number, text: string, headers: Record<string, string> = {}) => {
  jest.spyOn(Date, 'now').mockReturnValue(NOW_MS);
  return toAnswer(CALL, { status, headers, text }, SIGNED);
};
const errorOf = (...response: Parameters<typeof respond>): DcsHttpError => {
  try {
    respond(...response);
  } catch (error) {
    return error as DcsHttpError;
  }
  throw new Error('was an answer');
};
const wordsOf = (...response: Parameters<typeof respond>): string =>
  errorOf(...response).message.replace('GET /r: ', '');

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a response', () => {
  it.each([200, 202, 299])('of status %i is an answer, with who gave it and when', (status) => {
    const headers = { 'x-request-id': 'r1', date: dateOf(0) };
    expect(respond(status, '{"a":1}', headers)).toStrictEqual({
      body: { a: 1 },
      facts: {
        ...{ ...CALL, delivery: 'answered', status, requestId: 'r1', serverTimeMs: NOW_MS },
      },
    });
  });

  it.each([199, 300, 304, 400, 500])('of status %i is an error', (status) => {
    expect(errorOf(status, '{}')).toBeInstanceOf(DcsHttpError);
  });

  test('with a body that is not JSON is no answer', () => {
    expect(errorOf(200, '<html>')).toBeInstanceOf(DcsResponseError);
  });

  it.each<[Record<string, string>]>([
    [{}],
    [{ date: '' }],
    [{ date: 'soon' }],
    [{ date: '-271821-04-20T00:00:00Z' }],
    [{ date: 'Mon Nov 30 16:45:59 2026' }],
  ])('with %j has no time', (headers) => {
    expect(respond(200, '{}', headers).facts.serverTimeMs).toBeNull();
  });
});

describe('an error says', () => {
  test('status, code and the words of the service, without its full stops', () => {
    expect(wordsOf(400, BUSY)).toBe('400 DCS.4049 busy');
    const dotted = JSON.stringify({ error_code: 'DCS.4049', error_msg: 'Redis 5.0 is busy' });
    expect(wordsOf(400, dotted)).toBe('400 DCS.4049 Redis 5.0 is busy');
  });

  test('that something in between may have answered, where the words are not those of DCS', () => {
    const FOREIGN =
      'not in the words of DCS; something in between, such as a proxy, may have answered';
    expect(wordsOf(502, '<html>')).toBe(`502 ${FOREIGN}`);
    const bare = JSON.stringify({ error: { code: 403, message: 'no' } });
    expect(wordsOf(403, bare)).toBe(`403 403 no; ${FOREIGN}`);
    expect(errorOf(403, bare).bodyParsed).toBe(false);
    expect(errorOf(400, BUSY).bodyParsed).toBe(true);
  });

  test('nothing more of an empty answer', () => {
    expect(wordsOf(503, '')).toBe('503');
  });

  test('of a refused credential where to correct it, and of no other refusal', () => {
    expect(wordsOf(401, BUSY)).toBe(
      '401 DCS.4049 busy; the credential was refused: correct it in file /keys/sk',
    );
    expect(wordsOf(403, BUSY)).not.toContain('credential');
  });

  test('the request id of its head, else that of its body', () => {
    const body = JSON.stringify({ error_code: 'APIGW.0301', error_msg: 'x', request_id: 'body' });
    expect(errorOf(401, body).requestId).toBe('body');
    expect(errorOf(401, body, { 'x-request-id': 'head' }).requestId).toBe('head');
    const odd = JSON.stringify({ error_code: 'APIGW.0301', error_msg: 'x', request_id: 7 });
    expect(errorOf(401, odd).requestId).toBeNull();
  });
});

describe('the clock of a refused signature', () => {
  const MINUTE_MS = 60_000;
  const skewOf = (aheadMs: number): DcsHttpError => errorOf(401, BUSY, { date: dateOf(-aheadMs) });

  it.each([
    ['is not spoken of up to five minutes', 5 * MINUTE_MS, false, null],
    ['is named beyond', 5 * MINUTE_MS + 1_000, true, null],
    ['is named below fourteen minutes', 14 * MINUTE_MS - 1_000, true, null],
    ['is the reason from fourteen minutes on', 14 * MINUTE_MS, true, 14 * MINUTE_MS],
  ])('%s (%i ms)', (_, offMs, isNamed, reasonMs) => {
    for (const sign of [1, -1]) {
      const error = skewOf(sign * offMs);
      expect(error.message.includes(`${sign > 0 ? 'ahead of' : 'behind'} the API`)).toBe(isNamed);
      expect(error.clockSkewMs).toBe(reasonMs === null ? null : sign * reasonMs);
      // Where the clock alone is to blame, no one has to correct the credential.
      expect(error.message.includes('correct it in')).toBe(reasonMs === null);
    }
  });

  test('is not known where the API does not say its own', () => {
    expect(errorOf(401, BUSY).message).not.toContain('clock');
  });
});

describe('a throttled call', () => {
  const body = JSON.stringify({
    ...{ error_code: 'APIGW.0308' },
    error_msg: 'reached: policy user over ratelimit,limit:100,time:1 minute',
  });

  test('has the quota that is spent, and what the header alone asks for', () => {
    const QUOTA = { policy: 'user', limit: 100, windowMs: 60_000 };
    expect(errorOf(429, body)).toMatchObject({
      ...{ retryAfterMs: 60_000, throttle: { ...QUOTA, askedMs: null } },
    });
    expect(errorOf(429, body, { 'retry-after': '7' })).toMatchObject({
      ...{ retryAfterMs: 7_000, throttle: { ...QUOTA, askedMs: 7_000 } },
    });
    expect(errorOf(400, body).throttle).toBeNull();
  });

  test('counts a date by the clock of whoever answers', () => {
    const headers = { date: dateOf(600_000), 'retry-after': dateOf(605_000) };
    expect(errorOf(429, body, headers).retryAfterMs).toBe(5_000);
    expect(errorOf(429, body, { 'retry-after': dateOf(5_000) }).retryAfterMs).toBe(5_000);
  });

  it.each([
    ['policy user, limit 100 per minute', { policy: 'user', limit: 100, windowMs: 60_000 }],
    ['limit 5 per 10 s', { policy: null, limit: 5, windowMs: 10_000 }],
    ['limit 5 per 60 s', { policy: null, limit: 5, windowMs: null }],
    ['policy api', { policy: 'api', limit: null, windowMs: null }],
    ['its limit was not reported', { policy: null, limit: null, windowMs: null }],
  ])('that had no turn says of the quota: %s', (words, quota) => {
    const throttle = { ...quota, askedMs: null };
    const error = new DcsThrottledError(
      { ...CALL, delivery: 'never-sent' },
      { sinceMs: NOW_MS, throttle },
    );
    expect(error.message).toContain(`429 since 00:00 UTC (${words});`);
    expect(error).toMatchObject({
      status: 429,
      delivery: 'answered',
      retryAfterMs: quota.windowMs,
    });
  });
});

describe('a code', () => {
  it.each([
    ['111400063', 'DCS.4063'],
    ['x111400063', 'X111400063'],
    ['1114000631', '1114000631'],
    ['APIG.0308', 'APIGW.0308'],
    ['X.APIG.0308', 'X.APIG.0308'],
    ['apig.0308', 'APIGW.0308'],
  ])('%s is %s', (raw, code) => {
    expect(normaliseCode(raw)).toBe(code);
  });
});

test('an error is found beside what is none, and its outermost words count', () => {
  const error = { code: 'DCS.4049', message: 'busy' };
  expect(parseErrorBody(JSON.stringify({ a: 1, b: null, c: { d: [] }, error }))).toMatchObject(
    error,
  );
  const nested = { error_code: 'DCS.1', error_msg: 'no', ...{ code: 500, message: 'x' } };
  expect(parseErrorBody(JSON.stringify(nested))?.code).toBe('DCS.1');
  const flat = { error_code: 503, error_msg: 'down' };
  expect(parseErrorBody(JSON.stringify(flat))).toMatchObject({ code: '503', message: 'down' });
});

test('what belongs to us does not come back, and an empty secret hides nothing', () => {
  const response = { status: 401, headers: { a: 'x key y' }, text: 'key, key' };
  expect(withoutSecrets(response, ['key', ''])).toStrictEqual({
    ...{ status: 401, headers: { a: 'x [redacted] y' }, text: '[redacted], [redacted]' },
  });
});

describe('what belongs to us does not come back', () => {
  const SECRET = 'k/e+y=="\\é';
  const slashed = (text: string): string => JSON.stringify(text).replaceAll('/', '\\/');
  const inside = (text: string): string => JSON.stringify(text).slice(1, -1);
  const coded = (text: string): string =>
    text.replace(/./g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

  it.each([
    ['in JSON', JSON.stringify(SECRET)],
    ['in JSON that escapes slashes', slashed(SECRET)],
    ['in such JSON within JSON', JSON.stringify(slashed(SECRET))],
    [
      'in JSON by codes, small and large',
      `"${coded(SECRET)}${inside(coded(SECRET).toUpperCase())}"`,
    ],
    ['in JSON by codes within JSON', `"${inside(coded(SECRET))}"`],
    ['in a URL', `"${encodeURIComponent(SECRET)}"`],
    ['in a URL whose slashes stand', `"${encodeURIComponent(SECRET).replaceAll('%2F', '/')}"`],
    ['in a URL within a URL', `"${encodeURIComponent(encodeURIComponent(SECRET))}"`],
    ['in JSON, twice without anything between', `"${inside(SECRET).repeat(2)}"`],
  ])('%s', (_, text) => {
    const clean = withoutSecrets({ status: 401, headers: {}, text }, [SECRET]);
    expect(clean.text.replaceAll('[redacted]', '').replaceAll('\\"', '').replaceAll('"', '')).toBe(
      '',
    );
    expect(() => JSON.parse(clean.text) as unknown).not.toThrow();
  });

  it('right behind another one that ends with a backslash', () => {
    const text = JSON.stringify('ab\\ab\\');
    const clean = withoutSecrets({ status: 401, headers: {}, text }, ['ab\\']);
    expect(clean.text).toBe('"[redacted][redacted]"');
  });

  // Read again from each of them on, it would take longer than any test may.
  it('from an answer that is a million backslashes, either', () => {
    const response = { status: 401, headers: {}, text: '\\'.repeat(1_000_000) };
    expect(withoutSecrets(response, [SECRET])).toStrictEqual(response);
  });

  it('where only its beginning stands, which is no secret', () => {
    const response = { status: 401, headers: {}, text: 'a long sec' };
    expect(withoutSecrets(response, ['a long secret'])).toStrictEqual(response);
  });
});
