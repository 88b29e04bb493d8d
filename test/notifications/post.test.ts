/** What one attempt comes to, with a real receiver on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createPost, keysFromFile, keysFromText } from '../../src/notifications/index.js';
import type { PostOptions, Verdict } from '../../src/notifications/index.js';
import { newSecret, startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';

import { eventOf } from './support.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const post = (options: Partial<PostOptions> = {}): Promise<Verdict> => {
  const { url, secret } = receiver;
  const given = { url, format: 'cloudevents', readKeys: keysFromText(secret) } as const;
  const signal = new AbortController().signal;
  return createPost({ ...given, userAgent: 'test', ...options })(eventOf(0), signal);
};

describe('one attempt', () => {
  it('posts the event, signed, as a CloudEvent', async () => {
    expect(await post()).toEqual({ kind: 'delivered' });
    expect(receiver.events()).toEqual([eventOf(0)]);
    expect(receiver.received[0]).toMatchObject({
      path: '/hooks/token-of-the-url',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': 'run:0',
        'user-agent': 'test',
      },
    });
  });

  it('posts a chat message, without a signature where there is no key', async () => {
    expect(await post({ format: 'slack', readKeys: null })).toEqual({ kind: 'delivered' });
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
    expect(JSON.parse(body)).toEqual({ text: '*SWAPPING*' });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': 'run:0',
    });
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  it.each([401, 403, 404, 405, 408, 429, 500, 503])('may be repeated after %i', async (status) => {
    receiver.replyWith(status);
    expect(await post()).toEqual({
      ...{ kind: 'later', why: `answered ${status}`, retryAfterMs: null },
    });
  });

  it.each([400, 410, 413, 422])('is refused by %i', async (status) => {
    receiver.replyWith(status);
    expect(await post()).toEqual({ kind: 'refused', why: `answered ${status}` });
  });

  it('does not follow a redirect to another client', async () => {
    receiver.replyWith([307, { location: `${receiver.url}/elsewhere` }]);
    expect(await post()).toMatchObject({ kind: 'later', why: 'answered 307' });
    expect(receiver.received).toHaveLength(1);
  });

  it.each([
    ['30', 30_000],
    ['3600', 300_000],
  ])('asks for the pause of Retry-After %s: %s ms', async (wish, retryAfterMs) => {
    receiver.replyWith([503, { 'retry-after': wish }]);
    expect(await post()).toEqual({ kind: 'later', why: 'answered 503', retryAfterMs });
  });

  it.each(['32.5', '2031-01-01T00:00:00Z', 'in May'])(
    'leaves the pause to us where the receiver asks for %s, which is no wish of HTTP',
    async (wish) => {
      receiver.replyWith([503, { 'retry-after': wish }]);
      expect(await post()).toMatchObject({ kind: 'later', retryAfterMs: null });
    },
  );

  it('ends when no one answers in time, or no one is there', async () => {
    receiver.replyWith('hang');
    expect(await post({ timeoutMs: 50 })).toMatchObject({ why: 'no answer in time' });
    const absent = await post({ url: 'http://127.0.0.1:1/token-of-the-url' });
    expect(absent).toMatchObject({ kind: 'later' });
    expect(JSON.stringify(absent)).not.toMatch(/token-of-the-url|127\.0\.0\.1/);
  });

  it('is signed by the key that is in the file now', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'webhook-'));
    const file = path.join(folder, 'secret');
    try {
      await writeFile(file, 'no secret');
      const readKeys = keysFromFile(file);
      const { why } = { why: '', ...(await post({ readKeys })) };
      expect(why).toMatch(/^the secret is not whsec_/);
      expect(receiver.received).toHaveLength(0);
      await writeFile(file, `${newSecret()}\n${receiver.secret}\n`);
      expect(await post({ readKeys })).toEqual({ kind: 'delivered' });
      expect(receiver.events()).toEqual([eventOf(0)]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
