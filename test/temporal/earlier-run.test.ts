/** Runs that the list alone reports: what the real workflow wrote decides whether that is safe. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { SWITCHOVER_WORKFLOW_TYPE } from '../../src/contract/index.js';
import { MAX_PRE_CHECK_EVENTS, isEndedByPreCheck } from '../../src/temporal/earlier-run.js';

const FOLDER = path.join(__dirname, '../replay/histories');

interface Recorded {
  readonly name: string;
  readonly events: readonly Readonly<
    Record<string, { readonly activityType?: { name: string } }>
  >[];
}

/** Recorded switchovers; every e2e test checks the same of the runs that it makes (test/support/rig.ts). */
const recorded: readonly Recorded[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json') && !name.startsWith('maintenance-'))
  .map((name) => ({
    name,
    ...(JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')) as Omit<Recorded, 'name'>),
  }));

const mayHaveSent = ({ events }: Recorded): boolean =>
  events.some((event) => {
    const scheduled = event['activityTaskScheduledEventAttributes'];
    return scheduled?.activityType?.name === 'requestSwap';
  });

const listed = (historyLength: number) => ({
  ...{ runId: 'r', startedAtMs: 0, type: SWITCHOVER_WORKFLOW_TYPE },
  ...{ status: 'FAILED' as const, historyLength },
});

describe('by the number of its events', () => {
  test.each(recorded.filter(mayHaveSent))(
    'a run that came to its PUT is never taken for one that its pre-check ended: $name',
    ({ events }) => {
      expect(events.length).toBeGreaterThan(MAX_PRE_CHECK_EVENTS);
      expect(isEndedByPreCheck(listed(events.length))).toBe(false);
    },
  );

  test('a run that its pre-check refused is distinguished from those', () => {
    const refused = recorded.filter(({ name }) => name === 'refused-checks-failed.json');
    expect(refused).toHaveLength(1);
    for (const { events } of refused) expect(isEndedByPreCheck(listed(events.length))).toBe(true);
  });

  test('a run whose number is not reported is not taken for one', () => {
    expect(isEndedByPreCheck(listed(0))).toBe(false);
  });
});
