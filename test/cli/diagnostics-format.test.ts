/** What people see of doctor, inspect and setup. */
import { expect, test } from '@jest/globals';

import {
  formatDoctor,
  formatInspection,
  formatRecorded,
  formatSetup,
  formatSetupCommands,
} from '../../src/cli/format/doctor.js';
import { about, fail, ok, skip, warn } from '../../src/doctor/check.js';
import { setupCommands } from '../../src/doctor/index.js';
import type { InspectReport } from '../../src/doctor/index.js';

import { plain } from './support/plain.js';

test('the doctor: a section per project, a line per check, the fixes numbered', () => {
  const checks = [
    ...about(null, [ok('configuration', 'valid'), warn('workers', 'late', 'wait')]),
    ...about('p1', [fail('credential', 'none\nat all', 'set it', 'configuration')]),
    ...about('p2', [skip('read-job', 'no credential')]),
  ];
  const report = { checks, fixes: ['set it', 'wait'], unknowable: ['x'], exitCode: 2 };
  expect(plain(formatDoctor(report))).toBe(
    [
      'Environment and Temporal',
      '  ok    configuration  valid',
      '  warn  workers        late',
      '',
      'Project p1',
      '  FAIL  credential  none at all',
      '',
      'Project p2',
      '  skip  read-job  (no credential)',
      '',
      'What cannot be known before the PUT:',
      '  - x',
      '',
      'Fix, in this order:',
      '  1. set it',
      '  2. wait',
    ].join('\n'),
  );
});

test('the doctor says when nothing is to be fixed, and what was recorded', () => {
  const checks = about(null, [ok('configuration', 'valid')]);
  const text = plain(formatDoctor({ checks, fixes: [], unknowable: [], exitCode: 0 }));
  expect(text).toContain('Nothing to fix.');
  expect(formatRecorded([])).toContain('Nothing was recorded');
  expect(formatRecorded(['d/01.json'])).toMatch(/d\/01\.json\nLook at every file/);
});

const inspected: InspectReport = {
  projectId: 'p1',
  region: 'eu-west-101',
  instanceId: 'i1',
  observedAt: '2026-11-24T02:00:00.000Z',
  instance: {
    instanceId: 'i1',
    name: 'orders',
    status: 'RUNNING',
    cacheMode: 'ha',
    engine: 'Redis',
    engineVersion: '6.0',
    tags: [],
    maintainBegin: '18:00:00',
    maintainEnd: '19:00:00',
    task: null,
    serviceTaskId: null,
    bandwidthTaskRunning: false,
    address: { ip: '10.0.0.1', port: 6379, domainName: null, isTls: false, needsNoPassword: false },
    busyWith: null,
  },
  roles: null,
  tasks: [],
  jobs: [
    {
      jobId: 'j1',
      jobType: 'masterStandbySwapJob',
      status: 'FAIL',
      beginTimeMs: Date.UTC(2026, 10, 24, 2),
      endTimeMs: Date.UTC(2026, 10, 24, 2, 0, 3),
      failReason: 'no quorum',
    },
  ],
  problems: [],
  exitCode: 0,
};

test('inspect: head, tasks and jobs', () => {
  expect(plain(formatInspection(inspected, Date.UTC(2026, 10, 24, 3)))).toBe(
    [
      'instance     i1 orders',
      'project      p1, region eu-west-101',
      'product      Redis 6.0 ha',
      'state        RUNNING, idle',
      'maintenance  18:00:00 to 19:00:00 UTC, the vendor’s own window',
      'observed     2026-11-24T02:00:00Z',
      '',
      'No tasks are listed.',
      '',
      'job j1: masterStandbySwapJob, FAIL, begun 2026-11-24T02:00:00Z (60 min ago), took 3.0 s, reason: no quorum',
    ].join('\n'),
  );
});

test('inspect: what was not read is not made up', () => {
  const text = plain(formatInspection({ ...inspected, instance: null, tasks: null, jobs: [] }));
  expect(text).toContain('could not be read');
  expect(text).not.toContain('tasks');
});

test('setup: states, what is left to a person, and the reminder', () => {
  const text = plain(
    formatSetup({
      address: 'a:7233',
      namespace: 'ops',
      attributes: [
        { name: 'DcsInstanceId', state: 'missing', type: null },
        { name: 'DcsStatus', state: 'wrong-type', type: 'Text' },
      ],
      byHand: ['tcld …'],
      removals: ['temporal operator …'],
      exitCode: 1,
    }),
  );
  expect(text).toMatch(/DcsInstanceId +MISSING/);
  expect(text).toMatch(/DcsStatus +WRONG TYPE: Text/);
  expect(text).toContain('By hand:\n  tcld …');
  expect(text).toContain('remove it, then run setup again:\n  temporal operator …');
  expect(text).toContain('restart them');
  expect(plain(formatSetupCommands(setupCommands('ops')))).toMatch(
    /Dev server.*Self-hosted.*Cloud/s,
  );
});
