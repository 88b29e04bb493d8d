/** What a notification says in a line, for chats and for the Temporal UI. */
import { describe, expect, test } from '@jest/globals';

import { describeNotification } from '../../src/domain/notification.js';

import { INSTANCE_ID } from './support.js';

type Data = Parameters<typeof describeNotification>[0];

describe('the headline of a notification', () => {
  test.each<[string, Data, string]>([
    ['its phase', { phase: 'WATCHING' }, 'WATCHING'],
    ['its outcome', { outcome: 'SUCCEEDED' }, 'SUCCEEDED'],
    ['the state of a maintenance', { state: 'PAUSED' }, 'PAUSED'],
    ['an outcome before a state', { outcome: 'PARTIAL', state: 'ENDED' }, 'PARTIAL'],
    ['a phase before an outcome', { phase: 'HOLDING', outcome: 'UNKNOWN' }, 'HOLDING'],
    ['what is wanted, without any of them', { reason: 'approve' }, 'APPROVAL WANTED'],
    [
      'what is wanted, where they are empty',
      { phase: ' ', outcome: '', state: 7 },
      'APPROVAL WANTED',
    ],
    ['its cause', { outcome: 'UNKNOWN', cause: 'NO_TRACE' }, 'UNKNOWN (NO_TRACE)'],
    ['no empty cause', { outcome: 'UNKNOWN', cause: ' ' }, 'UNKNOWN'],
    ['one line of several', { phase: 'A\nB', cause: 'C\r\n  D' }, 'A B (C D)'],
  ])('says %s', (_, data, word) => {
    expect(describeNotification(data).word).toBe(word);
  });

  test.each<[string, Data, string]>([
    ['nothing that it does not name', { outcome: 'SUCCEEDED' }, ''],
    ['an instance by its id', { instanceId: INSTANCE_ID }, INSTANCE_ID],
    [
      'an instance by its name and the beginning of its id',
      { instanceId: INSTANCE_ID, instanceName: 'orders' },
      `orders (${INSTANCE_ID.slice(0, 8)}…)`,
    ],
    ['no instance by its name alone', { instanceName: 'orders' }, ''],
    ['a maintenance', { maintenanceId: 'weekly' }, 'maintenance weekly'],
    ['both', { instanceId: 'i1', maintenanceId: 'weekly' }, 'i1, maintenance weekly'],
    ['no empty name', { instanceId: '', maintenanceId: null }, ''],
    [
      'one line of several',
      { instanceId: 'i1', instanceName: 'a\nb', maintenanceId: 'c\nd' },
      'a b (i1), maintenance c d',
    ],
  ])('is about %s', (_, data, about) => {
    expect(describeNotification(data).about).toBe(about);
  });
});
