/** What becomes of events that are posted once, with a real receiver on loopback. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { createOutbox, createPost, keysFromText } from '../../src/notifications/index.js';
import type { Outbox, OutboxLimits } from '../../src/notifications/index.js';
import { startReceiver } from '../support/receiver.js';
import type { Receiver } from '../support/receiver.js';

import { eventOf } from './support.js';

let receiver: Receiver;
let reported: string[];

beforeEach(async () => {
  receiver = await startReceiver();
  reported = [];
});
afterEach(() => receiver.close());

function outboxWith(limits: Partial<OutboxLimits> = {}): Outbox {
  const { url, secret } = receiver;
  const readKeys = keysFromText(secret);
  const post = createPost({ url, format: 'cloudevents', readKeys, userAgent: 'test' });
  const report = ({ id }: { readonly id: string }, why: string | null): void => {
    reported.push(`${id}: ${why ?? 'delivered'}`);
  };
  return createOutbox(post, report, { maxWaiting: 100, maxInFlight: 2, ...limits });
}

/** Waits for as much as the test needs; how long that takes is not its business. */
async function until(predicate: () => boolean): Promise<void> {
  while (!predicate()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const ids = (): string[] => receiver.events().map(({ id }) => id);

describe('an outbox', () => {
  it('posts each event once, whatever is answered', async () => {
    receiver.replyWith(503, 204, 400);
    const outbox = outboxWith({ maxInFlight: 1 });
    for (const n of [0, 1, 2]) outbox.add(eventOf(n));
    await outbox.drain(60_000);
    expect(ids()).toEqual(['run:0', 'run:1', 'run:2']);
    expect(reported).toEqual(['run:0: answered 503', 'run:1: delivered', 'run:2: answered 400']);
  });

  it('posts as many at a time as it may, and goes on with the next', async () => {
    receiver.replyWith('hang');
    const outbox = outboxWith({ maxInFlight: 2 });
    for (const n of [0, 1, 2]) outbox.add(eventOf(n));
    await until(() => reported.length === 2);
    expect(reported).toEqual(['run:1: delivered', 'run:2: delivered']);
    await outbox.drain(0);
  });

  it('is bounded: what is too much is missed, and what it holds is not lost', async () => {
    const outbox = outboxWith({ maxWaiting: 1, maxInFlight: 1 });
    for (const n of [0, 1, 2]) outbox.add(eventOf(n));
    expect(reported).toEqual(['run:2: 1 wait already']);
    await outbox.drain(60_000);
    expect(reported.slice(1)).toEqual(['run:0: delivered', 'run:1: delivered']);
  });

  it('drains in time: what no one takes is missed, and what comes later is not taken', async () => {
    receiver.replyAlways('hang');
    const outbox = outboxWith({ maxInFlight: 1 });
    for (const n of [0, 1]) outbox.add(eventOf(n));
    await outbox.drain(20);
    outbox.add(eventOf(2));
    const ended = 'the worker has ended';
    expect(reported.sort()).toEqual([0, 1, 2].map((n) => `run:${n}: ${ended}`));
  });

  it('that is empty drains at once', async () => {
    await outboxWith().drain(3_600_000);
    expect(reported).toEqual([]);
  });
});
