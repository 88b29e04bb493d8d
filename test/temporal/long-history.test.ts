/** A history may have fifty thousand events: reading it looks at each a few times, not once for each other. */
import { expect, test } from '@jest/globals';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';

import { toRunHistory } from '../../src/temporal/run-history.js';
import type { HistoryEvent } from '../../src/temporal/silence.js';

const ACTIVITIES = 500;

test('a long history is read in as many looks as it has events, times a constant', async () => {
  let looks = 0;
  const counted = (event: object): HistoryEvent =>
    new Proxy(event, {
      get: (target, name) => {
        looks += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
  const events = Array.from({ length: ACTIVITIES }, (_, at) => [
    counted({ eventId: 4 * at + 1, activityTaskScheduledEventAttributes: { activityId: `${at}` } }),
    counted({
      eventId: 4 * at + 2,
      activityTaskStartedEventAttributes: { scheduledEventId: 4 * at + 1, attempt: 2 },
    }),
    counted({
      eventId: 4 * at + 3,
      activityTaskCompletedEventAttributes: { scheduledEventId: 4 * at + 1, startedEventId: 1 },
    }),
    counted({ eventId: 4 * at + 4, timerStartedEventAttributes: { timerId: `${at}` } }),
  ]).flat();
  const client = { options: { namespace: 'default', loadedDataConverter: loadDataConverter() } };
  const { activities, timerSinceMs } = await toRunHistory(client, 'w', events);
  expect(activities).toHaveLength(ACTIVITIES);
  expect(activities.every(({ end, executions }) => end === 'completed' && executions === 2)).toBe(
    true,
  );
  expect(timerSinceMs).toBe(0);
  expect(looks).toBeLessThan(40 * events.length);
});
