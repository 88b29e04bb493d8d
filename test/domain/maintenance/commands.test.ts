/** Commands about maintenances, as people paste them. */
import { describe, expect, it, test } from '@jest/globals';

import {
  maintenanceLine,
  parseMaintenanceName,
  planCommandLine,
  remainderLine,
  startLine,
} from '../../../src/domain/maintenance/commands.js';

const FIRING = 'weekly-2026-12-05T01:00:00Z';

describe('a command about one maintenance', () => {
  it.each([
    [{ verb: 'progress', name: 'weekly' }, 'maintenance progress weekly'],
    [{ verb: 'wait', name: 'weekly', runId: 'r1' }, 'maintenance wait weekly --run r1'],
    [
      { verb: 'report', name: 'weekly', report: 'r.html' },
      'maintenance report weekly --report r.html',
    ],
    [{ verb: 'cancel', name: 'weekly' }, 'maintenance cancel weekly --yes'],
    [{ verb: 'reject', name: 'weekly' }, "maintenance reject weekly --reason 'rejected by hand'"],
    [
      { verb: 'abort', name: 'weekly' },
      "maintenance abort weekly --reason 'stopped by hand' --yes",
    ],
    [
      { verb: 'skip', name: 'weekly' },
      "maintenance skip weekly INSTANCE --reason 'left out by hand'",
    ],
    [{ verb: 'pause', name: FIRING }, 'maintenance pause weekly --firing 2026-12-05T01:00:00Z'],
  ] as const)('%j is complete as it stands', (asked, line) => {
    expect(maintenanceLine(asked)).toBe(`dcs-switchover ${line}`);
    expect(maintenanceLine(asked, { taskQueue: 'blue' })).toBe(
      `dcs-switchover ${line} --task-queue blue`,
    );
  });

  test('that does the rest names the firing as a whole', () => {
    expect(remainderLine(FIRING)).toBe(`dcs-switchover maintenance start --rest-of ${FIRING}`);
  });

  it.each([
    ['weekly', { maintenanceId: 'weekly' }],
    ['a-b-2026-12-05T01:00:00Z', { maintenanceId: 'a-b', firing: '2026-12-05T01:00:00Z' }],
    ['weekly-2026-12-05T01:00:00Zx', { maintenanceId: 'weekly-2026-12-05T01:00:00Zx' }],
    ['weekly-2026-12-05', { maintenanceId: 'weekly-2026-12-05' }],
    ['2026-12-05T01:00:00Z', { maintenanceId: '2026-12-05T01:00:00Z' }],
  ])('takes %s for %j', (name, meant) => {
    expect(parseMaintenanceName(name)).toStrictEqual(meant);
  });
});

describe('the command that starts a maintenance', () => {
  const ids = { maintenanceId: 'weekly', projectId: 'p1' };

  test('has nothing that is not asked for', () => {
    const window = { closesAt: '2026-12-05T05:00:00Z' };
    expect(startLine({ ...ids, window })).toBe(
      'dcs-switchover maintenance start weekly --project p1 --closes-at 2026-12-05T05:00:00Z',
    );
    const empty = { instanceIds: null, selector: null, returnLeg: null, hooks: null, timing: null };
    expect(planCommandLine({ ...ids, window, ...empty }, { taskQueue: 'blue' })).toBe(
      'dcs-switchover maintenance plan weekly --project p1 --closes-at 2026-12-05T05:00:00Z ' +
        '--task-queue blue',
    );
  });

  test('has every field as a flag', () => {
    const window = {
      ...{
        start: '22:00',
        end: '04:00',
        timeZone: 'UTC',
        daysOfWeek: ['SATURDAY', 'SUNDAY'] as const,
      },
      ...{ dates: [], blackoutDates: ['2026-12-24'] },
    };
    const line = startLine({
      ...{
        ...ids,
        window,
        toggle: true,
        again: true,
        allowEmpty: true,
        withinInstanceWindow: true,
      },
      selector: {
        tags: { env: 'prod', tier: '1' },
        namePattern: 'red*',
        masterAvailabilityZone: 'az1',
      },
      ...{ requireApproval: true, maxConcurrent: 2, canaryCount: 1, maxFailures: 0 },
      ...{ expectedDurationSeconds: 60, compensationReserveSeconds: 30, compensation: 'none' },
      returnLeg: { soakSeconds: 5, withinSeconds: 600 },
      probe: 'require',
      timing: { settleSeconds: 9 },
      hooks: { taskQueue: 'hq', before: 'b', after: 'a', timeoutSeconds: 7 },
      ...{ region: 'r1', reason: 'why', changeId: 'c1' },
    });
    expect(line.split(' --').slice(1)).toStrictEqual([
      ...[
        'project p1',
        'tag env=prod',
        'tag tier=1',
        "name 'red*'",
        'master-az az1',
        'allow-empty',
      ],
      ...['toggle', 'window 22:00-04:00', 'time-zone UTC', 'days SATURDAY,SUNDAY'],
      ...['blackout 2026-12-24', 'again', 'within-instance-window', 'require-approval'],
      ...['max-concurrent 2', 'canary 1', 'max-failures 0', 'expected-duration 60'],
      ...['compensation-reserve 30', 'soak 5', 'return-within 600', 'compensation none'],
      ...[
        'probe require',
        'timing settleSeconds=9',
        'hook-queue hq',
        'hook-before b',
        'hook-after a',
      ],
      ...['hook-timeout 7', 'region r1', 'reason why', 'change-id c1'],
    ]);
  });

  test('names the instances and the target, and the instants of a fixed window', () => {
    expect(
      startLine({
        ...{ ...ids, instanceIds: ['i1', 'i2'], target: { nodeId: 'n1' } },
        window: { opensAt: '2026-12-05T01:00:00Z', closesAt: '2026-12-05T05:00:00Z' },
      }),
    ).toBe(
      'dcs-switchover maintenance start weekly --project p1 --instance i1 --instance i2 --to-node n1 ' +
        '--opens-at 2026-12-05T01:00:00Z --closes-at 2026-12-05T05:00:00Z',
    );
  });
});
