/** What becomes of letters, with a real receiver on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';

import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import {
  createOutbox,
  createPost,
  keysFromFile,
  keysFromText,
} from '../../src/notifications/index.js';
import type { Letter, Outbox, OutboxLimits, PostOptions } from '../../src/notifications/index.js';
import { newSecret, startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';

const LIMITS: OutboxLimits = {
  maxLetters: 100,
  maxInFlight: 2,
  firstPauseMs: 5,
  maxPauseMs: 10,
  giveUpAfterMs: 60_000,
};

const letter = (n: number): Letter => ({
  id: `run:${n}`,
  type: NOTIFICATION_TYPES.switchoverPhase,
  subject: 'dcs-switchover:p:i',
  body: JSON.stringify({ id: `run:${n}` }),
});

let receiver: Receiver;
let reported: string[];

beforeEach(async () => {
  receiver = await startReceiver();
  reported = [];
});
afterEach(() => receiver.close());

const reporter = {
  delivered: ({ id }: Letter) => reported.push(`delivered ${id}`),
  dropped: ({ id }: Letter, loss: string, why: string, attempts: number) =>
    reported.push(`${loss} ${id} after ${attempts}: ${why}`),
  failing: (why: string) => reported.push(`failing: ${why}`),
  recovered: () => reported.push('recovered'),
};

function outboxWith(
  limits: Partial<OutboxLimits> = {},
  options: Partial<PostOptions> = {},
): Outbox {
  const readKeys = keysFromText(receiver.secret);
  const post = createPost({ url: receiver.url, readKeys, userAgent: 'test', ...options });
  return createOutbox(post, reporter, { ...LIMITS, ...limits });
}

/** Waits for as many words as the test needs; how long that takes is not its business. */
async function outcomeOf(count: number): Promise<string[]> {
  while (reported.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return reported;
}

const ids = (): string[] => receiver.events().map(({ id }) => id);

describe('a letter', () => {
  it('is posted once, signed, as a CloudEvent', async () => {
    const outbox = outboxWith();
    outbox.add(letter(0));
    expect(await outcomeOf(1)).toEqual(['delivered run:0']);
    expect(ids()).toEqual(['run:0']);
    expect(receiver.received[0]).toMatchObject({
      path: '/hooks/token-of-the-url',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': 'run:0',
        'user-agent': 'test',
      },
    });
  });

  it.each([500, 503, 429, 408, 401, 404])('is repeated under its id after %i', async (status) => {
    receiver.replyWith(status, status);
    outboxWith().add(letter(0));
    expect(await outcomeOf(3)).toEqual([
      `failing: answered ${status}`,
      'recovered',
      'delivered run:0',
    ]);
    expect(ids()).toEqual(['run:0', 'run:0', 'run:0']);
  });

  it.each([400, 410, 413, 422])('is dropped at once after %i', async (status) => {
    receiver.replyWith(status);
    outboxWith().add(letter(0));
    expect(await outcomeOf(2)).toEqual([
      `failing: answered ${status}`,
      `refused run:0 after 1: answered ${status}`,
    ]);
    expect(receiver.received).toHaveLength(1);
  });

  it('does not follow a redirect to another client', async () => {
    receiver.replyWith([307, { location: `${receiver.url}/elsewhere` }]);
    outboxWith().add(letter(0));
    expect(await outcomeOf(3)).toContain('failing: answered 307');
    expect(receiver.received.map(({ path: at }) => at)).not.toContain(
      '/hooks/token-of-the-url/elsewhere',
    );
  });

  it('waits as long as the receiver asks', async () => {
    receiver.replyWith([503, { 'retry-after': '3600' }]);
    const outbox = outboxWith({ giveUpAfterMs: 200_000 });
    outbox.add(letter(0));
    // Five minutes are the most, and longer than it is repeated at all.
    expect(await outcomeOf(2)).toContain('given-up run:0 after 1: answered 503');
  });

  it.each(['32.5', '2031-01-01T00:00:00Z', 'in May'])(
    'is repeated in its own time where the receiver asks for %s, which is no wish of HTTP',
    async (wish) => {
      receiver.replyWith([503, { 'retry-after': wish }]);
      outboxWith({ giveUpAfterMs: 200_000 }).add(letter(0));
      expect(await outcomeOf(2)).not.toContain('given-up run:0 after 1: answered 503');
      expect(await outcomeOf(3)).toContain('delivered run:0');
    },
  );

  it('is repeated when no one answers in time, or no one is there', async () => {
    receiver.replyWith('hang');
    outboxWith({}, { timeoutMs: 50 }).add(letter(0));
    expect((await outcomeOf(3))[0]).toBe('failing: no answer in time');
    reported.length = 0;
    outboxWith({ giveUpAfterMs: 0 }, { url: 'http://127.0.0.1:1/token' }).add(letter(1));
    expect((await outcomeOf(2))[1]).toMatch(
      /^given-up run:1 after 1: (ECONNREFUSED|the connection)/,
    );
  });

  it('is given up in the end', async () => {
    receiver.replyAlways(503);
    outboxWith({ giveUpAfterMs: 1_500 }).add(letter(0));
    expect((await outcomeOf(2))[1]).toMatch(/^given-up run:0 after \d+: answered 503$/);
    expect(receiver.received.length).toBeGreaterThan(1);
  });

  it('is signed by the key that is in the file now', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'webhook-'));
    const file = path.join(folder, 'secret');
    try {
      await writeFile(file, 'no secret');
      const outbox = outboxWith({}, { readKeys: keysFromFile(file) });
      outbox.add(letter(0));
      expect((await outcomeOf(1))[0]).toMatch(/^failing: the secret is not whsec_/);
      expect(receiver.received).toHaveLength(0);
      const secret = newSecret();
      await writeFile(file, `${secret}\n`);
      await outcomeOf(3);
      const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual({
        id: 'run:0',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('an outbox', () => {
  it('sends first attempts in the order of reporting, as many at a time as it may', async () => {
    receiver.replyAlways('hang');
    const outbox = outboxWith({ maxInFlight: 1 }, { timeoutMs: 60_000 });
    for (const n of [0, 1, 2]) outbox.add(letter(n));
    while (receiver.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ids()).toEqual(['run:0']);
    await outbox.drain(0);
  });

  it('is bounded: what is too much is dropped and reported, and what it holds is not lost', async () => {
    receiver.replyWith(503, 503);
    const outbox = outboxWith({ maxLetters: 2 });
    for (const n of [0, 1, 2, 3]) outbox.add(letter(n));
    expect(reported.slice(0, 2)).toEqual([
      'queue-full run:2 after 0: 2 wait already',
      'queue-full run:3 after 0: 2 wait already',
    ]);
    const words = await outcomeOf(6);
    expect(words).toEqual(expect.arrayContaining(['delivered run:0', 'delivered run:1']));
  });

  it('drains: what waits for a repetition is sent at once, what comes later is not taken', async () => {
    receiver.replyWith(503);
    const outbox = outboxWith({
      firstPauseMs: 3_600_000,
      maxPauseMs: 3_600_000,
      giveUpAfterMs: 1e9,
    });
    outbox.add(letter(0));
    await outcomeOf(1);
    await outbox.drain(60_000);
    expect(reported).toContain('delivered run:0');
    outbox.add(letter(1));
    expect(reported.at(-1)).toMatch(/^shutdown run:1 after 0/);
  });

  it('drains in time: what no one takes is dropped and reported', async () => {
    receiver.replyAlways('hang');
    const outbox = outboxWith({ maxInFlight: 1 }, { timeoutMs: 60_000 });
    outbox.add(letter(0));
    outbox.add(letter(1));
    await outbox.drain(20);
    expect(reported).toEqual([
      'shutdown run:0 after 1: not sent',
      'shutdown run:1 after 0: not sent',
    ]);
  });

  it('that is empty drains at once', async () => {
    await outboxWith().drain(3_600_000);
    expect(reported).toEqual([]);
  });

  it('says nothing of the URL, which may hold a token, nor of the key', async () => {
    receiver.replyWith(503, 400);
    outboxWith().add(letter(0));
    outboxWith({ giveUpAfterMs: 0 }, { url: 'http://127.0.0.1:1/token-of-the-url' }).add(letter(1));
    const words = (await outcomeOf(4)).join('\n');
    expect(words).not.toMatch(/token-of-the-url|127\.0\.0\.1/);
    expect(words).not.toContain(receiver.secret);
  });
});
