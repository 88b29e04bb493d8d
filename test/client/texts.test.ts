import { describe, expect, test } from '@jest/globals';

import { isSameGoal, readAsked } from '../../src/client/ref.js';
import { checkInput } from '../../src/client/switchover/run.js';
import type { SwitchoverInput } from '../../src/contract/index.js';
import { describeAsked, switchoverTexts } from '../../src/domain/run-texts.js';

const IDS = {
  projectId: '11111111111111111111111111111111',
  instanceId: '22222222-2222-4222-8222-222222222222',
};
const JOB = 'a'.repeat(32);
const RESOLUTION = { outcome: 'SUCCEEDED', statement: 'seen', resolvedBy: 'bob' } as const;

const wellFormed = (input: Omit<SwitchoverInput, 'projectId' | 'instanceId'>) =>
  checkInput({ ...IDS, ...input });

describe('what is asked, as text', () => {
  test.each<[string, Parameters<typeof wellFormed>[0]]>([
    ['swap master and replica', { toggle: true }],
    ['plan to swap master and replica', { toggle: true, mode: 'plan' }],
    ['switch so that the master is in AZ az2', { target: { availabilityZone: 'az2' } }],
    ['switch so that the master is outside AZ az1', { target: { avoidAvailabilityZone: 'az1' } }],
    ['switch while the master is aaaaaaaa', { expectedMasterNodeId: 'aaaaaaaa' }],
    [
      `find out what run ${IDS.instanceId} did, by reading`,
      { mode: 'verify', examinedRunId: IDS.instanceId },
    ],
    [
      `follow job ${JOB} and find out what the unresolved run did, by reading`,
      { mode: 'adopt', jobId: JOB },
    ],
    ['record that the unresolved run ended SUCCEEDED', { mode: 'resolve', resolution: RESOLUTION }],
  ])('%s', (words, input) => {
    expect(describeAsked(wellFormed(input))).toBe(words);
  });
});

describe('isSameGoal', () => {
  test('compares what is to be done, not who asks or how long it may take', () => {
    const goal = { target: { availabilityZone: 'az2' } };
    const theirs = wellFormed({ ...goal, requestId: 'r-1', timing: { settleSeconds: 1 } });
    expect(isSameGoal(theirs, wellFormed({ ...goal, requestedBy: 'bob', toggle: false }))).toBe(
      true,
    );
  });

  test('keeps examinations of different runs and jobs apart', () => {
    const [a, b] = [IDS.instanceId, IDS.instanceId.replaceAll('2', '3')];
    const verify = (examinedRunId: string) => wellFormed({ mode: 'verify', examinedRunId });
    expect(isSameGoal(verify(a), verify(a))).toBe(true);
    expect(isSameGoal(verify(a), verify(b))).toBe(false);
    const adopt = (jobId: string) => wellFormed({ mode: 'adopt', jobId, examinedRunId: a });
    expect(isSameGoal(adopt(JOB), adopt('b'.repeat(32)))).toBe(false);
    expect(isSameGoal(adopt(JOB), verify(a))).toBe(false);
  });

  test('keeps resolutions apart', () => {
    const failed = { ...RESOLUTION, outcome: 'FAILED_UNCHANGED' } as const;
    expect(
      isSameGoal(
        wellFormed({ mode: 'resolve', resolution: RESOLUTION }),
        wellFormed({ mode: 'resolve', resolution: failed }),
      ),
    ).toBe(false);
  });
});

describe('texts of a run', () => {
  test('say the same goal, whether a person has started it or a maintenance', () => {
    const input = {
      ...IDS,
      toggle: true,
      expectedMasterNodeId: 'aaaaaaaa',
      requestId: 'r:forward',
    };
    const own = switchoverTexts(input);
    const part = { maintenance: 'weekly', leg: 'forward' } as const;
    const leg = switchoverTexts(input, { part });
    const goal = 'switch while the master is aaaaaaaa';
    expect(own.staticSummary).toBe(`22222222…: ${goal}`);
    expect(leg.staticSummary).toBe(`22222222…: maintenance weekly, ${goal}`);
    const ofMaintenance = '**Maintenance:** weekly, the forward leg\n\n';
    expect(leg.staticDetails.replace(ofMaintenance, '')).toBe(own.staticDetails);
    expect(leg.memo).toEqual({ ...own.memo, maintenanceId: 'weekly' });
  });

  test('begin with the name of the instance, where the starter knows it', () => {
    const { staticSummary, staticDetails, memo } = switchoverTexts(wellFormed({ toggle: true }), {
      instanceName: 'orders',
    });
    expect(staticSummary).toBe('orders: swap master and replica');
    expect(staticDetails).toContain(`**Instance:** orders, ${IDS.instanceId}`);
    expect(memo).toMatchObject({ instanceName: 'orders' });
  });

  test('a summary fits the server, whatever the name', () => {
    const input = wellFormed({ toggle: true, requestedBy: '切'.repeat(128) });
    const summary = switchoverTexts(input).staticSummary;
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(170);
    expect(summary).toMatch(/^22222222…: swap master and replica, asked by 切+…$/);
  });

  test('lead from a plan to the plan, not to the switchovers of the instance', () => {
    const details = (mode?: 'plan'): string =>
      switchoverTexts(wellFormed({ toggle: true, ...(mode && { mode }) })).staticDetails;
    expect(details('plan')).toMatch(/status \S+ --project \S+ --plan`/);
    expect(details()).not.toContain('--plan');
  });

  test('a text of several lines cannot forge others', () => {
    const input = wellFormed({ toggle: true, reason: 'a\n\n**Who:** root' });
    const lines = switchoverTexts(input).staticDetails.split('\n\n');
    expect(lines.filter((line) => line.startsWith('**Who:**'))).toEqual([]);
    expect(lines.slice(-2)).toEqual([
      expect.stringContaining('dcs-switchover status'),
      expect.stringContaining('Terminate or Reset'),
    ]);
  });

  test('the memo has ids and texts only', () => {
    expect(switchoverTexts(wellFormed({ toggle: true, changeId: 'C-1' })).memo).toEqual({
      mode: 'switch',
      toggle: true,
      changeId: 'C-1',
    });
  });
});

test.each([undefined, null, 'text', 7, [], { requestId: 7 }])(
  'readAsked takes nothing for granted: %j',
  (input) => {
    expect(readAsked(input)).toEqual({
      goal: null,
      mode: 'switch',
      examinedRunId: null,
      requestId: null,
      requestedBy: null,
      reason: null,
      changeId: null,
    });
  },
);
