import { describe, expect, test } from '@jest/globals';

import {
  formatResult,
  formatRoles,
  formatRolesChange,
  formatStatus,
} from '../../src/cli/format/run.js';
import { fields } from '../../src/cli/format/page.js';
import { formatAge, formatSeconds } from '../../src/cli/format/text.js';
import type { Check } from '../../src/contract/index.js';
import { result, roles } from '../client/support/facts.js';
import { measured, witnessOnly } from '../support/data-plane.js';

import { RUN_ID, statusOf } from './support/fake-client.js';
import { plain } from './support/plain.js';

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
    expect(plain(formatResult(result(), RUN))).toBe(
      [
        'SUCCEEDED (ROLES_CHANGED)',
        'Switched over: the master moved from n1 (az1, Active) to n2 (az2, Active).',
        '',
        'NODE  AZ   BEFORE   AFTER    STATUS',
        'n1    az1  master   replica  Active',
        'n2    az2  replica  master   Active',
        '',
        'instance  22222222-2222-4222-8222-222222222222',
        'jobs      job-1',
        'PUTs      1 sent, 1 accepted',
        'time      9.5 s (PREFLIGHT 0.4 s, SWAPPING 0.2 s, AWAITING_JOB 4.1 s, VERIFYING 4.8 s, the job itself 2.9 s)',
        `run       ${RUN_ID}`,
        'workflow  dcs-switchover:p:i',
      ].join('\n'),
    );
  });

  test('shows what Redis itself showed, and not a word of it where no one looked', () => {
    const text = plain(formatResult(result({ dataPlane: measured() }), RUN));
    expect(text).toContain(
      [
        'PUTs      1 sent, 1 accepted',
        'writes    interrupted 0.36–0.71 s, 0 of 166 test writes lost',
        'reads     not interrupted',
        'Redis     moved once (MOVED)',
      ].join('\n'),
    );
    expect(plain(formatResult(result(), RUN))).not.toMatch(/writes|Redis/);
  });

  test('names the instance, where its name is known', () => {
    const text = plain(formatResult(result({ instanceName: 'orders' }), RUN));
    expect(text).toContain('\ninstance  orders (22222222…)\n');
  });

  test('shows which checks failed, with request id and remedy', () => {
    const text = plain(
      formatResult(
        result({ outcome: 'REFUSED', checks: CHECKS, warnings: ['first', 'second'] }),
        RUN,
      ),
    );
    expect(text).toContain(
      'failed: cool-down: last swap 40 s ago (request id req-1)\n  Wait 260 s.',
    );
    // What the message says of it already is not said twice.
    const message = 'Nothing was sent. Check cool-down failed: last swap 40 s ago. Wait 260 s.';
    const once = plain(formatResult(result({ outcome: 'REFUSED', checks: CHECKS, message }), RUN));
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
    expect(formatRolesChange(roles('n1'), null)).toEqual(formatRoles(roles('n1')));
    expect(formatRolesChange(null, roles('n2'))).toEqual(formatRoles(roles('n2')));
    expect(formatRolesChange(null, null)).toBeNull();
  });
});

test('formatRoles shows who may be promoted', () => {
  expect(plain([formatRoles(roles('n1'))])).toBe(
    [
      'ROLE     NODE  AZ   STATUS  PRIORITY',
      'master   n1    az1  Active  -',
      'replica  n2    az2  Active  100',
    ].join('\n'),
  );
});

describe('formatStatus', () => {
  test('shows what Redis itself showed, and not a word of it where no one looked', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    expect(plain(formatStatus(status))).not.toMatch(/^(writes|reads|Redis) /m);
    expect(plain(formatStatus({ ...status, dataPlane: witnessOnly() }))).toMatch(
      /\nwrites +not measured \(no measurement was asked for\)\nRedis +moved once \(MOVED\)\n/,
    );
  });

  test('reports state, who asked, the PUT and what comes next', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const text = plain(formatStatus(status, Date.parse(status.since) + 5_000));
    expect(text).toMatch(/^RUNNING \(AWAITING_JOB for 5 s\)\npoll job job-1 until it ends\.\n/);
    expect(text).toContain('RUNNING, reported by the run itself');
    const named = plain(
      formatStatus({ ...status, instanceName: 'orders' }, Date.parse(status.since)),
    );
    expect(named).toMatch(/^instance +orders \(i\)$/m);
  });

  test('reports UNKNOWN while the lock is still held, and until when', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const lockedUntil = '2026-11-24T02:05:00.000Z';
    const holding = { phase: 'HOLDING', outcome: 'UNKNOWN', lockedUntil } as const;
    const text = plain(formatStatus({ ...status, ...holding }, Date.parse(status.since) + 5_000));
    expect(text).toMatch(/^UNKNOWN \(HOLDING for 5 s\)\n/);
    expect(text).toContain('held until 2026-11-24T02:05:00Z (in 5 min)');
  });

  test('reports the outcome of a run that has ended', () => {
    const status = statusOf({ projectId: 'p', instanceId: 'i' });
    const closed = { closedAt: status.since, execution: 'FAILED', outcome: 'UNKNOWN' } as const;
    const nowMs = Date.parse(status.since) + 5_000;
    expect(plain(formatStatus({ ...status, ...closed, source: 'history' }, nowMs))).toMatch(
      /^UNKNOWN \(ended 5 s ago\)\n[^]*FAILED, read from the history/,
    );
  });
});

test('labelled lines leave out what is not there and indent further lines', () => {
  expect(plain([fields(['a', 'one\ntwo'], ['long', null], ['bc', 'x'])])).toBe(
    'a   one\n    two\nbc  x',
  );
});

test.each([
  [0, 'now'],
  [40_000, '40 s ago'],
  [100_000, '100 s ago'],
  [12.4 * 60_000, '12 min ago'],
  [-3 * 3_600_000, 'in 3 h'],
  [50 * 3_600_000, '2 d ago'],
])('an instant %i ms ago is "%s"', (ms, text) => {
  expect(formatAge('2026-11-24T02:00:00Z', Date.parse('2026-11-24T02:00:00Z') + ms)).toBe(text);
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
