import { describe, expect, test } from '@jest/globals';

import {
  formatResult,
  formatRoles,
  formatRolesChange,
  formatStatus,
} from '../../src/cli/format/run.js';
import { formatFields, formatSeconds, formatTable } from '../../src/cli/format/text.js';
import type { Check } from '../../src/contract/index.js';
import { result, roles } from '../client/support/facts.js';

import { RUN_ID, statusOf } from './support/fake-client.js';

const RUN = { workflowId: 'dcs-switchover:p:i', runId: RUN_ID };

const CHECKS: readonly Check[] = (
  [
    { id: 'one-master', passed: true, observed: 'fine', remedy: '' },
    { id: 'cool-down', passed: false, observed: 'last swap 40 s ago', remedy: 'Wait 260 s.' },
    { id: 'instance-allowed', passed: null, observed: 'no tags are shown', remedy: 'Ask.' },
    { id: 'target-reachable', passed: null, observed: 'not read', remedy: '' },
    { id: 'expected-master', passed: null, observed: 'not read', remedy: '' },
  ] as const
).map((check) => ({ ...check, severity: 'blocking', requestId: 'req-1' }));

describe('formatResult', () => {
  test('reports a success from every side', () => {
    expect(formatResult(result(), RUN)).toBe(
      [
        'SUCCEEDED (ROLES_CHANGED)',
        'Switched over: the master moved from n1 (az1, Active) to n2 (az2, Active).',
        '',
        'NODE  AZ   BEFORE   AFTER    STATUS',
        'n1    az1  master   replica  Active',
        'n2    az2  replica  master   Active',
        '',
        'jobs  job-1',
        'PUTs  1 sent, 1 accepted',
        'time  9.5 s (PREFLIGHT 0.4 s, SWAPPING 0.2 s, AWAITING_JOB 4.1 s, VERIFYING 4.8 s, the job itself 2.9 s)',
        `run   dcs-switchover:p:i ${RUN_ID}`,
      ].join('\n'),
    );
  });

  test('names the instance, where its name is known', () => {
    const text = formatResult(result({ instanceName: 'orders' }), RUN);
    expect(text).toContain('\ninstance  orders (22222222…)\n');
  });

  test('shows which checks failed, with request id and remedy', () => {
    const text = formatResult(
      result({ outcome: 'REFUSED', checks: CHECKS, warnings: ['first', 'second'] }),
      RUN,
    );
    expect(text).toContain(
      'failed: cool-down: last swap 40 s ago (request id req-1)\n  Wait 260 s.',
    );
    // What the message says of it already is not said twice.
    const message = 'Nothing was sent. Check cool-down failed: last swap 40 s ago. Wait 260 s.';
    const once = formatResult(result({ outcome: 'REFUSED', checks: CHECKS, message }), RUN);
    expect(once.match(/cool-down/g)).toHaveLength(1);
    expect(once).toContain('not checked: instance-allowed: no tags are shown');
    expect(text).toContain('not checked: instance-allowed: no tags are shown');
    expect(text).toContain('\nnot read: target-reachable, expected-master\n');
    expect(text).not.toContain('one-master');
    expect(text).toContain('warnings  first\n          second');
  });
});

describe('formatRolesChange', () => {
  test('shows the one moment that was read', () => {
    expect(formatRolesChange(roles('n1'), null)).toBe(formatRoles(roles('n1')));
    expect(formatRolesChange(null, roles('n2'))).toBe(formatRoles(roles('n2')));
    expect(formatRolesChange(null, null)).toBeNull();
  });
});

test('formatRoles shows who may be promoted', () => {
  expect(formatRoles(roles('n1'))).toBe(
    [
      'ROLE     NODE  AZ   STATUS  PRIORITY',
      'master   n1    az1  Active  -',
      'replica  n2    az2  Active  100',
    ].join('\n'),
  );
});

describe('formatStatus', () => {
  test('reports state, who asked, the PUT and what comes next', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const text = formatStatus(status, Date.parse(status.since) + 5_000);
    expect(text).toContain('state   RUNNING, phase AWAITING_JOB for 5.0 s');
    expect(text).toContain('next    poll job job-1 until it ends');
    expect(text).toContain('source  reported by the run itself');
    const named = formatStatus({ ...status, instanceName: 'orders' }, Date.parse(status.since));
    expect(named).toMatch(/^instance +orders \(i\)$/m);
  });

  test('reports UNKNOWN while the lock is still held, and until when', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const lockedUntil = '2026-11-24T02:05:00.000Z';
    const holding = { phase: 'HOLDING', outcome: 'UNKNOWN', lockedUntil } as const;
    const text = formatStatus({ ...status, ...holding }, Date.parse(status.since) + 5_000);
    expect(text).toContain('state   RUNNING, outcome UNKNOWN, phase HOLDING for 5.0 s');
    expect(text).toContain(`lock    held until ${lockedUntil}`);
  });

  test('reports the outcome of a run that has ended', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const closed = { closedAt: status.since, execution: 'FAILED', outcome: 'UNKNOWN' } as const;
    expect(formatStatus({ ...status, ...closed, source: 'history' })).toContain(
      'state   FAILED, UNKNOWN',
    );
  });
});

test('formatTable aligns columns without trailing blanks', () => {
  expect(
    formatTable([
      ['A', 'B'],
      ['long', 'x'],
      ['s', ''],
    ]),
  ).toBe('A     B\nlong  x\ns');
});

test('formatFields leaves out what is not there and indents further lines', () => {
  expect(
    formatFields([
      ['a', 'one\ntwo'],
      ['long', null],
      ['bc', 'x'],
    ]),
  ).toBe('a   one\n    two\nbc  x');
});

test.each([
  [0, '0.0 s'],
  [43, '43 ms'],
  [2_949, '2.9 s'],
  [59_900, '59.9 s'],
  [200_000, '3 min 20 s'],
])('formatSeconds(%i)', (ms, text) => {
  expect(formatSeconds(ms)).toBe(text);
});
