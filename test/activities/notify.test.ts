/** Posting leaves the worker's places to switchovers, whatever the receiver does. */
import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';

import { createNotifying } from '../../src/activities/notify.js';
import { NOTIFICATION_TYPES } from '../../src/contract/index.js';
import type { Verdict } from '../../src/notifications/index.js';
import { eventOf } from '../notifications/support.js';

/** How many of 20 posts a receiver that hangs holds at once. */
async function heldOf20(maxConcurrentActivities: number): Promise<number> {
  const held: ((verdict: Verdict) => void)[] = [];
  const { postNotification } = createNotifying({
    temporal: new Client(),
    findProject: () => undefined,
    isDraining: () => false,
    searchAttributes: [],
    maxConcurrentActivities,
    webhook: {
      types: Object.values(NOTIFICATION_TYPES),
      post: () => new Promise((resolve) => held.push(resolve)),
    },
  });
  const posts = Array.from({ length: 20 }, (_, number) =>
    new MockActivityEnvironment().run(postNotification, eventOf(number)),
  );
  const count = held.length;
  for (const release of held) release({ kind: 'delivered' });
  const ends = await Promise.allSettled(posts);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(count);
  return count;
}

test('a receiver that hangs holds eight places at most, and never all of a small worker', async () => {
  expect(await heldOf20(100)).toBe(8);
  expect(await heldOf20(8)).toBe(2);
  expect(await heldOf20(2)).toBe(1);
});
