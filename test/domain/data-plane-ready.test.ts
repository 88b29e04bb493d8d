/** The check `data-plane-ready`: when it is there, when it refuses, and what is measured all the same. */
import { describe, expect, test } from '@jest/globals';

import type { ProbePolicy } from '../../src/contract/index.js';
import { dataPlaneReady, judgeTried } from '../../src/domain/checks/data-plane.js';
import { decideByChecks } from '../../src/domain/checks/index.js';
import type { DataPlaneFindings } from '../../src/domain/preflight-report.js';
import { LOOK } from '../support/redis-looks.js';

import { factsOf, INSTANCE_ID, PROJECT_ID, requestOf } from './support.js';

const READY: DataPlaneFindings = {
  ...{ offered: true, judges: true, binding: 'password', address: '192.0.2.1:6379', look: LOOK },
  ...{ why: null, measures: true, periodMs: 50, write: true },
};
const NO_ENTRY: DataPlaneFindings = {
  ...{ ...READY, offered: false, judges: false, binding: 'none', address: null, look: null },
  why: 'the settings have no entry',
};

const tried = (...refused: string[]) =>
  ['connect', 'INFO', 'SETBIT', 'PEXPIRE', 'GET', 'DEL'].map((command) => ({
    command,
    ...(refused.includes(command)
      ? { problem: `${command}: not allowed`, error: 'auth' as const }
      : { problem: null, error: null }),
  }));

const checkOf = (
  probe: ProbePolicy,
  dataPlane: DataPlaneFindings | undefined,
  commands = tried(),
) => dataPlaneReady(requestOf({ probe }), dataPlane, commands);

const verdictOf = (
  probe: ProbePolicy,
  dataPlane: DataPlaneFindings | undefined,
  commands = tried(),
) => decideByChecks(requestOf({ probe }), checkOf(probe, dataPlane, commands), factsOf());

describe('the check', () => {
  test('is not there where no entry names the instance and nothing is to be measured', () => {
    expect(checkOf('off', undefined)).toEqual([]);
    expect(dataPlaneReady(requestOf(), undefined, [])).toEqual([]);
  });

  test('passes where Redis answers as a master and takes every command', () => {
    expect(checkOf('require', READY)).toMatchObject([
      {
        ...{ id: 'data-plane-ready', severity: 'blocking', passed: true },
        observed: 'Redis at 192.0.2.1:6379 answers, and is a master',
      },
    ]);
    expect(checkOf('off', READY, [])).toMatchObject([{ severity: 'info', passed: true }]);
  });

  test.each<[string, DataPlaneFindings, string[], string]>([
    ['without an entry', NO_ENTRY, [], 'Redis: the settings have no entry'],
    ['at a replica', { ...READY, look: { ...LOOK, role: 'replica' } }, [], 'a replica'],
    ['without a look', { ...READY, look: null, why: 'INFO: not allowed' }, ['INFO'], 'INFO: not'],
    ['without a command', READY, ['SETBIT', 'DEL'], 'SETBIT: not allowed; DEL: not allowed'],
  ])('refuses what requires a measurement %s, and nothing else', (_, findings, refused, why) => {
    const commands = tried(...refused);
    const [check] = checkOf('require', findings, commands);
    expect(check).toMatchObject({ passed: false, observed: expect.stringContaining(why) });
    expect(check?.remedy).toContain(`dcs-switchover doctor`);
    expect(check?.remedy).toContain(`--instance ${INSTANCE_ID}`);
    expect(check?.remedy).toContain(`--project ${PROJECT_ID}`);
    expect(verdictOf('require', findings, commands)).toBe('refused');
    expect(verdictOf('if-possible', findings, commands)).toBe('proceed');
    expect(verdictOf('off', findings, commands)).toBe('proceed');
  });

  test('is open, and so refuses, where the instance could not be read', () => {
    expect(checkOf('require', undefined)).toMatchObject([{ passed: null }]);
    expect(verdictOf('require', undefined)).toBe('refused');
  });
});

test.each<[string, string[], boolean, boolean]>([
  ['everything', [], true, true],
  ['all but INFO, which only a look needs', ['INFO'], true, true],
  ['reads alone', ['SETBIT', 'PEXPIRE', 'DEL'], true, false],
  ['no reads', ['GET'], false, true],
  ['no connection', ['connect'], false, true],
])('where a user may do %s, a measurement does what is left', (_, refused, measures, write) => {
  expect(judgeTried(tried(...refused))).toMatchObject({ measures, write });
  expect(judgeTried([])).toEqual({ measures: false, write: true, why: null });
});
