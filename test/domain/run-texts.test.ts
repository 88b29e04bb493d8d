/** What the Temporal UI and lists show of a run before it has said a word. */
import { describe, expect, it, test } from '@jest/globals';

import type { SwitchoverInput } from '../../src/contract/index.js';
import { describeAsked, switchoverTexts, toRunTexts } from '../../src/domain/run-texts.js';

const INPUT: SwitchoverInput = { projectId: 'p1', instanceId: 'i1', toggle: true };
const EVERYTHING: SwitchoverInput = {
  ...{ ...INPUT, requestId: 'r1', requestedBy: 'ann', changeId: 'C1', reason: 'up\ngrade' },
  ...{ notAfter: '2026-01-01T00:00:00Z', expectedMasterNodeId: 'n1' },
};

describe('the details of a switchover', () => {
  test('are a line for each thing that was asked, and none for what was not', () => {
    expect(switchoverTexts(EVERYTHING).staticDetails.split('\n\n')).toStrictEqual([
      ...['**What:** switch while the master is n1', '**Instance:** i1'],
      ...['**Who:** ann', '**Why:** up grade', '**Change:** C1', '**Request:** r1'],
      '**Not after:** 2026-01-01T00:00:00Z',
      '**Look:** `dcs-switchover status i1 --project p1`',
      '**Never:** Terminate or Reset this run; cancel it instead',
    ]);
    expect(switchoverTexts(INPUT).staticDetails.split('\n\n')).toHaveLength(4);
  });

  test('of an examination name run and job; of a plan the command that looks at it', () => {
    const adopt = { ...INPUT, mode: 'adopt', examinedRunId: 'run-0', jobId: 'j1' } as const;
    const text = switchoverTexts(adopt).staticDetails;
    expect(text).toContain('**Examined run:** run-0\n\n**Job:** j1\n\n');
    expect(switchoverTexts({ ...INPUT, mode: 'plan' }).staticDetails).toContain(
      'status i1 --project p1 --plan',
    );
  });

  it.each([
    ['forward', 'the forward leg'],
    ['return', 'the return leg'],
  ] as const)('of the %s leg of a maintenance name both', (leg, words) => {
    const part = { maintenance: 'weekly', leg };
    const text = switchoverTexts(INPUT, { instanceName: 'orders', part });
    expect(text.staticDetails).toContain(`**Maintenance:** weekly, ${words}`);
    expect(text.staticSummary).toBe('orders: maintenance weekly, swap master and replica');
    expect(text.memo).toMatchObject({ maintenanceId: 'weekly', instanceName: 'orders' });
    const unnamed = switchoverTexts(INPUT, { instanceName: null, part });
    expect(unnamed.staticSummary).toContain('i1: maintenance weekly');
  });
});

describe('the memo of a run', () => {
  test('has what was asked for, and nothing for what was not', () => {
    expect(switchoverTexts(EVERYTHING).memo).toStrictEqual({
      ...{ mode: 'switch', toggle: true, expectedMasterNodeId: 'n1' },
      ...{ requestId: 'r1', requestedBy: 'ann', changeId: 'C1', reason: 'up\ngrade' },
    });
    expect(switchoverTexts({ ...INPUT, mode: 'plan', reason: null }).memo).toStrictEqual({
      ...{ mode: 'plan', toggle: true },
    });
  });
});

test('the summary says who asks, and is cut at what the server takes', () => {
  const textsOf = (summary: string, requestedBy: string | null) =>
    toRunTexts({ summary, requestedBy, details: [], memo: {} }).staticSummary;
  expect(textsOf('swap', 'ann\nlee')).toBe('swap, asked by ann lee');
  expect(textsOf('swap', null)).toBe('swap');
  expect(textsOf('x'.repeat(160), null)).toBe('x'.repeat(160));
  expect(textsOf('x'.repeat(161), null)).toBe(`${'x'.repeat(160)}…`);
});

test.each<[string, Partial<SwitchoverInput>]>([
  ['swap master and replica', {}],
  ['plan to swap master and replica', { mode: 'plan' }],
  ['record that the unresolved run ended somehow', { mode: 'resolve' }],
  ['find out what the unresolved run did, by reading', { mode: 'verify' }],
  ['find out what run run-0 did, by reading', { mode: 'verify', examinedRunId: 'run-0' }],
  [
    'follow job unknown and find out what run run-0 did, by reading',
    { mode: 'adopt', examinedRunId: 'run-0' },
  ],
])('asks to %s', (words, asked) => {
  expect(describeAsked({ ...INPUT, ...asked })).toBe(words);
});
