/** Each way by which the swap activity could be executed a second time is recognised. */
import { describe, expect, test } from '@jest/globals';
import type { Info } from '@temporalio/activity';
import { ActivityCancelledError, ActivityNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { findForbiddenMode, findRepetition, passFence } from '../../src/activities/freeze.js';
import { requestOf } from '../domain/support.js';

const FIRST = {
  attempt: 1,
  heartbeatDetails: undefined,
  scheduledTimestampMs: 1_000,
  currentAttemptScheduledTimestampMs: 1_000,
  workflowExecution: { workflowId: 'w', runId: 'original' },
} as unknown as Info;

describe('findRepetition', () => {
  test('lets the first execution of the original run pass', () => {
    expect(findRepetition(FIRST, 'original')).toBeNull();
  });

  test.each<[string, Partial<Info>]>([
    ['a retry', { attempt: 2 }],
    ['an execution after one that passed the fence', { heartbeatDetails: { fencedAt: 'x' } }],
    ['an activity that was reset by hand', { currentAttemptScheduledTimestampMs: 2_000 }],
    ['a run that was reset', { workflowExecution: { workflowId: 'w', runId: 'reset' } }],
  ])('stops %s', (_, change) => {
    expect(findRepetition({ ...FIRST, ...change }, 'original')).not.toBeNull();
  });
});

describe('findForbiddenMode', () => {
  test('lets a switch pass, its swap back included', () => {
    expect(findForbiddenMode({ request: requestOf() })).toBeNull();
  });

  test.each(['plan', 'resolve', 'verify', 'adopt'] as const)('stops mode %s', (mode) => {
    expect(findForbiddenMode({ request: requestOf({ mode }) })).toContain(mode);
  });
});

describe('passFence', () => {
  const clientThat = (heartbeat: () => Promise<void>): Client =>
    ({
      withDeadline: (_: number, call: () => Promise<void>) => call(),
      activity: { heartbeat },
    }) as unknown as Client;

  test.each([
    ['open where Temporal accepts the heartbeat', () => Promise.resolve(), 'open'],
    [
      'cancelled where it reports a cancellation',
      () => Promise.reject(new ActivityCancelledError('cancelled')),
      'cancelled',
    ],
    [
      'closed where the activity does not count any more',
      () => Promise.reject(new ActivityNotFoundError('gone')),
      { closed: 'ActivityNotFoundError' },
    ],
    [
      'closed where Temporal does not answer',
      () => Promise.reject(new Error('deadline')),
      { closed: 'Error' },
    ],
  ])('is %s', async (_, heartbeat, answer) => {
    expect(await passFence(clientThat(heartbeat), new Uint8Array())).toEqual(answer);
  });
});
