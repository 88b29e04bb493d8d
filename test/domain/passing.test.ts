/** Which refusals pass by themselves. */
import { describe, expect, test } from '@jest/globals';

import { evaluateChecks } from '../../src/domain/checks/index.js';
import {
  describeWait,
  isBusy,
  isPassing,
  isPassingStatus,
} from '../../src/domain/checks/passing.js';
import type { PreflightFacts } from '../../src/domain/facts.js';

import {
  INSTANCE,
  NOW_MS,
  factsOf,
  master,
  replica,
  requestOf,
  rolesOf,
  taskOf,
} from './support.js';

const judged = (extra: Partial<PreflightFacts>, coolDownSeconds = 0) => {
  const facts = factsOf(extra);
  const request = requestOf();
  const timing = { ...request.timing, coolDownSeconds };
  const checks = evaluateChecks({ ...request, timing }, facts);
  return { isBusy: isBusy(checks, facts), isPassing: isPassing(checks, facts) };
};

const instance = (overrides: Partial<typeof INSTANCE>): Partial<PreflightFacts> => ({
  instance: { value: { ...INSTANCE, ...overrides }, requestId: null },
});

const away = {
  roles: { value: rolesOf(master, { ...replica, status: 'Inactive' }), requestId: null },
};

const withoutMaster = {
  roles: { value: rolesOf({ ...master, role: 'replica' }, replica), requestId: null },
};

const throttled = { throttled: [{ value: 'no turn within 60 s', requestId: null }] };

const swapRow = (seconds: number, status: string): Partial<PreflightFacts> => {
  const createdAtMs = NOW_MS - seconds * 1000;
  const row = taskOf({
    name: 'masterStandbySwapJob',
    status,
    createdAtMs,
    updatedAtMs: createdAtMs,
  });
  return { tasks: { value: [row], requestId: null, serverTimeMs: NOW_MS } };
};

const unreadable = (...mayPass: boolean[]): Partial<PreflightFacts> => ({
  ...{ instance: null, roles: null, tasks: null },
  unreadable: mayPass.map((each) => ({ value: '503', requestId: null, mayPass: each })),
});

const SOON = { isBusy: true, isPassing: true };
const LATER = { isBusy: false, isPassing: true };
const LASTS = { isBusy: false, isPassing: false };

describe('a refusal', () => {
  test.each<[string, Partial<PreflightFacts>, typeof SOON]>([
    ['by nothing', {}, LASTS],
    ['by a backup', instance({ busyWith: 'task BACKUPING' }), SOON],
    ['by a restart', instance({ status: 'RESTARTING' }), SOON],
    [
      'by a restart and the node that is away',
      { ...instance({ status: 'RESTARTING' }), ...away },
      SOON,
    ],
    ['by a node that is away', away, LASTS],
    [
      'by a restart and the master that no node is then',
      { ...instance({ status: 'RESTARTING' }), ...withoutMaster },
      SOON,
    ],
    ['by no master', withoutMaster, LASTS],
    ['by a quota that is spent', throttled, LATER],
    [
      'by a quota that is spent and a backup',
      { ...instance({ busyWith: 'x' }), ...throttled },
      LATER,
    ],
    [
      'by a quota that is spent and FROZEN',
      { ...instance({ status: 'FROZEN' }), ...throttled },
      LASTS,
    ],
    ['by FROZEN', instance({ status: 'FROZEN' }), LASTS],
    ['by no status', instance({ status: null }), LASTS],
    ['by a backup of a cluster', instance({ busyWith: 'x', cacheMode: 'cluster' }), LASTS],
    ['by a reading that may work later', unreadable(true), LATER],
    ['by a reading that will not', unreadable(false), LASTS],
    ['by one of each', unreadable(true, false), LASTS],
  ])('%s', (_, facts, expected) => {
    expect(judged(facts)).toEqual(expected);
  });

  test('by the cool-down passes, but later than a busy instance', () => {
    expect(judged(swapRow(60, 'SUCCESS'), 300)).toEqual(LATER);
    expect(judged(swapRow(1, 'EXECUTING'), 300)).toEqual(LATER);
    expect(judged(swapRow(1, 'EXECUTING'))).toEqual(SOON);
  });

  test('shows how long was waited where it was waited for', () => {
    const facts = factsOf({ ...instance({ status: 'RESTARTING' }), ...away });
    const reported = describeWait(evaluateChecks(requestOf(), facts), facts, 4_000);
    expect(
      reported.filter(({ observed }) => observed.endsWith('; waited 4 s for that')),
    ).toMatchObject([{ id: 'instance-running' }]);
  });
});

test.each([
  ...['RESTARTING', 'BACKINGUP', 'BACKUPING', 'CREATING', 'EXTENDING', 'RESTORING', 'FLUSHING'],
  ...['Restarting', 'UPGRADING'],
])('the status %s passes', (status) => {
  expect(isPassingStatus(status)).toBe(true);
});

test.each(['RUNNING', 'FROZEN', 'FREEZING', 'DELETING', 'ERROR', 'CREATEFAILED', '', null])(
  'the status %s does not',
  (status) => {
    expect(isPassingStatus(status)).toBe(false);
  },
);
