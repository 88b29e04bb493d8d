/** What people see of doctor, inspect and setup. */
import { expect, test } from '@jest/globals';

import { formatDoctor, formatRecorded } from '../../src/cli/format/doctor.js';
import { formatSetup, formatSetupCommands } from '../../src/cli/format/setup.js';
import { about, fail, ok, skip, warn } from '../../src/diagnostics/check.js';
import { setupCommands } from '../../src/diagnostics/index.js';

test('the doctor: a section per project, a line per check, the fixes numbered', () => {
  const checks = [
    ...about(null, [ok('configuration', 'valid'), warn('workers', 'late', 'wait')]),
    ...about('p1', [fail('credential', 'none\nat all', 'set it', 'configuration')]),
    ...about('p2', [skip('read-job', 'no credential')]),
  ];
  const report = { checks, fixes: ['set it', 'wait'], unknowable: ['x'], exitCode: 2 };
  expect(formatDoctor(report)).toBe(
    [
      'Environment and Temporal',
      '  ok    configuration       valid',
      '  warn  workers             late',
      '',
      'Project p1',
      '  FAIL  credential          none at all',
      '',
      'Project p2',
      '  skip  read-job            (no credential)',
      '',
      'Fix, in this order:',
      '  1. set it',
      '  2. wait',
      '',
      'What cannot be known before the PUT:',
      '  - x',
    ].join('\n'),
  );
});

test('the doctor says when nothing is to be fixed, and what was recorded', () => {
  const checks = about(null, [ok('configuration', 'valid')]);
  const text = formatDoctor({ checks, fixes: [], unknowable: [], exitCode: 0 });
  expect(text).toContain('Nothing to fix.');
  expect(formatRecorded([])).toContain('Nothing was recorded');
  expect(formatRecorded(['d/01.json'])).toMatch(/d\/01\.json\nLook at every file/);
});

test('setup: states, what is left to a person, and the reminder', () => {
  const text = formatSetup({
    address: 'a:7233',
    namespace: 'ops',
    attributes: [
      { name: 'DcsInstanceId', state: 'missing', type: null },
      { name: 'DcsStatus', state: 'wrong-type', type: 'Text' },
    ],
    byHand: ['tcld …'],
    removals: ['temporal operator …'],
    exitCode: 1,
  });
  expect(text).toMatch(/DcsInstanceId +MISSING/);
  expect(text).toMatch(/DcsStatus +WRONG TYPE: Text/);
  expect(text).toContain('By hand:\n  tcld …');
  expect(text).toContain('remove it, then run setup again:\n  temporal operator …');
  expect(text).toContain('restart them');
  expect(formatSetupCommands(setupCommands('ops'))).toMatch(/Dev server.*Self-hosted.*Cloud/s);
});
