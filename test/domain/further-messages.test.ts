/** The parts of a message that only some runs have: repeats, corrections, counts, contradictions, next steps. */
import { describe, expect, it, test } from '@jest/globals';

import type { Check } from '../../src/contract/index.js';
import { commandsOf } from '../../src/domain/commands.js';
import type { RepeatedRun } from '../../src/domain/facts.js';
import { describePuts, mayHaveStarted } from '../../src/domain/message-facts.js';
import type { MessageFacts } from '../../src/domain/message-facts.js';
import { composeMessage } from '../../src/domain/messages.js';
import type { ExaminedRun } from '../../src/domain/preflight-report.js';

import { asMaster, BEFORE, master, replica, requestOf, rolesOf, SWAPPED } from './support.js';

const say = (overrides: Partial<MessageFacts>): string =>
  composeMessage({
    ...{ outcome: 'UNKNOWN', cause: 'NO_TRACE', request: requestOf(), failed: [] },
    ...{ swapsSent: 1, swapsAccepted: 0, jobIds: [], swapRequestIds: [], obstacle: null },
    ...{ runId: 'run-1', examined: null, before: BEFORE, after: SWAPPED },
    ...overrides,
  });
const verbsOf = (text: string): string[] =>
  commandsOf(text).map((line) => line.split(' ')[1] ?? '');

describe('PUTs are counted', () => {
  it.each([
    ['1 sent, 1 accepted', { swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 }],
    ['1 possibly sent, 0 accepted', { swapsSent: 1, swapsPossiblySent: 1, swapsAccepted: 0 }],
    [
      '2 sent, 1 possibly sent, 1 accepted',
      { swapsSent: 3, swapsPossiblySent: 1, swapsAccepted: 1 },
    ],
    ['0 sent, 0 accepted', { swapsSent: 0, swapsPossiblySent: 0, swapsAccepted: 0 }],
    ['1 sent or possibly sent, 0 accepted', { swapsSent: 1, swapsAccepted: 0 }],
    ['1 sent, 1 accepted', { swapsSent: 1, swapsAccepted: 1 }],
  ])('as %s', (words, puts) => {
    expect(describePuts(puts)).toBe(words);
  });

  it.each([
    [true, { swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 1 }],
    [true, { swapsSent: 1, swapsPossiblySent: 1, swapsAccepted: 0 }],
    [false, { swapsSent: 1, swapsPossiblySent: 0, swapsAccepted: 0 }],
    [true, { swapsSent: 1, swapsAccepted: 0 }],
    [false, { swapsSent: 0, swapsAccepted: 0 }],
  ])('and one of them may have started a job, or not: %s', (may, puts) => {
    expect(mayHaveStarted(puts)).toBe(may);
  });
});

describe('a run whose request is done already says', () => {
  const repeat: RepeatedRun = {
    ...{ runId: 'run-0', cause: 'ROLES_CHANGED', message: '', settledByRunId: null },
    ...{ jobIds: [], swapRequestIds: [], before: BEFORE, after: SWAPPED, outcome: 'SUCCEEDED' },
  };

  test('how the other ended, and in which words', () => {
    expect(say({ outcome: 'SUCCEEDED', repeat })).toBe(
      'Nothing was sent now: run run-0 had this request id and the same goal. It ended SUCCEEDED.\n' +
        'To switch once more, use a new request id.',
    );
    expect(say({ repeat: { ...repeat, message: 'Switched.' } })).toContain(
      '\nIts message: Switched.\n',
    );
  });

  test('by which run it was settled since', () => {
    expect(say({ repeat: { ...repeat, settledByRunId: 'run-9' } })).toContain(
      'It ended UNKNOWN; run run-9 has settled it since: SUCCEEDED (ROLES_CHANGED).',
    );
  });
});

describe('a refusal', () => {
  const check = (overrides: Partial<Check>): Check => ({
    ...{ id: 'instance-idle', severity: 'blocking', passed: false, observed: 'a backup' },
    ...{ requestId: null, remedy: 'Wait.' },
    ...overrides,
  });
  const refused = (overrides: Partial<MessageFacts>): string =>
    say({ outcome: 'REFUSED', cause: 'CHECKS_FAILED', failed: [check({})], ...overrides });

  test('names what failed, not what was left open, and what to do', () => {
    const text = refused({ failed: [check({}), check({ id: 'one-master', passed: null })] });
    expect(text).toContain('Nothing was sent. Check instance-idle failed: a backup. Wait.');
    expect(text).not.toContain('one-master');
  });

  test('keeps a command that was observed on its own line', () => {
    const observed = 'run r ended UNKNOWN:\n  dcs-switchover status i';
    expect(refused({ failed: [check({ observed, requestId: 'q' })] })).toContain(
      'Check instance-idle failed (request id q): run r ended UNKNOWN:\n  dcs-switchover status i\n',
    );
  });

  test('leads to a plan, an examination to the runs, and neither where a check has its own commands', () => {
    expect(verbsOf(refused({}))).toStrictEqual(['plan']);
    expect(verbsOf(refused({ request: requestOf({ mode: 'verify' }) }))).toStrictEqual(['history']);
    const remedy = 'Look:\n  dcs-switchover status i';
    expect(verbsOf(refused({ failed: [check({}), check({ remedy })] }))).toStrictEqual(['status']);
  });
});

describe('a plan that may be carried out', () => {
  const planned = (before: MessageFacts['before']): string =>
    say({ outcome: 'PLANNED', cause: 'PLAN_ONLY', before });

  test('gives the switchover that is guarded by the master it has seen', () => {
    expect(commandsOf(planned(BEFORE))[0]).toMatch(/--expect-master node-a$/);
  });

  it.each([
    ['nothing was read', null],
    ['there are two masters', rolesOf(master, asMaster(replica))],
    ['the master has no id', rolesOf({ ...master, nodeId: null })],
  ])('gives it as it was asked for where %s', (_, before) => {
    expect(commandsOf(planned(before))[0]).toMatch(/--toggle$/);
  });
});

describe('a run that has changed nothing says', () => {
  const unchanged = (overrides: Partial<MessageFacts>): string =>
    say({ outcome: 'FAILED_UNCHANGED', cause: 'NOT_APPLIED', after: BEFORE, ...overrides });

  test('who is still the master, or that no reading shows it', () => {
    expect(unchanged({})).toContain('The master is still node-a');
    expect(unchanged({ after: null })).toContain('The master is still node-a');
    expect(unchanged({ cause: 'NOT_APPLIED_UNCONFIRMED' })).toContain('The master is still node-a');
    expect(unchanged({ cause: 'NOT_APPLIED_UNCONFIRMED', after: null })).toMatch(
      /The master was node-a .* before; no reading shows who it is now\./,
    );
  });

  test('that it may be tried again, after what stood in the way', () => {
    expect(unchanged({})).toContain('It is safe to try again:');
    expect(unchanged({ obstacle: '403' })).toContain('Remedy that first; then it is safe');
  });

  test('the request ids of its PUTs', () => {
    expect(unchanged({ swapRequestIds: ['a', 'b'] })).toContain('; request ids: a, b. ');
    expect(unchanged({})).not.toContain('request ids');
  });
});

describe('an unresolved run says', () => {
  test('its jobs, the roles that were seen last, and what was corrected', () => {
    const text = say({
      jobIds: ['j1', 'j2'],
      after: null,
      correction: 'It was reported otherwise.',
    });
    expect(text).toContain('jobs: j1, j2.');
    expect(text).toContain('Last seen roles: none.');
    expect(text).toContain('It was reported otherwise.');
    expect(say({})).toContain('jobs: none known.');
  });

  test('which identifiers contradict each other, where that is why', () => {
    const disagreement = 'the node id moved, the AZ stayed';
    const DETAIL = 'In detail: the node id moved, the AZ stayed.';
    expect(say({ cause: 'IDENTIFIERS_DISAGREE', disagreement })).toContain(DETAIL);
    expect(say({ cause: 'COMPENSATION_IDENTIFIERS_DISAGREE', disagreement })).toContain(DETAIL);
    expect(say({ cause: 'NO_TRACE', disagreement })).not.toContain('In detail');
    expect(say({ cause: 'IDENTIFIERS_DISAGREE' })).not.toContain('In detail');
  });
});

test.each([
  ['SUCCEEDED', 'ROLES_CHANGED', false],
  ['SUCCEEDED', 'JOB_FAILED_ROLES_CHANGED', true],
] as const)('%s (%s) says that the job says FAIL: %s', (outcome, cause, isSaid) => {
  expect(say({ outcome, cause }).includes('The job itself says FAIL.')).toBe(isSaid);
});

test('NOOP of a toggle says that the master is there', () => {
  expect(say({ outcome: 'NOOP', cause: 'ALREADY_THERE' })).toContain('is already there.');
});

describe('an examination', () => {
  const examined: ExaminedRun = {
    ...{ runId: 'run-0', ended: 'UNKNOWN', purpose: 'forward', from: BEFORE, target: null },
    ...{ knownSwapTaskIds: [], sending: 'ambiguous', putSummary: 'PUT possibly sent.' },
    ...{ jobId: null, taskId: null, job: null, sentBetweenMs: null },
  };
  const verify = (overrides: Partial<MessageFacts>): string =>
    say({ request: requestOf({ mode: 'verify' }), examined, ...overrides });

  test.each([
    ['SUCCEEDED', 'Verified: run run-0 switched over; the master moved from node-a'],
    ['FAILED_UNCHANGED', 'Verified: run run-0 did not switch: '],
    ['COMPENSATED', 'Verified: run run-0 swapped and swapped back; the master is again node-b'],
  ] as const)('that found out %s says so, and leads to a plan', (outcome, words) => {
    const text = verify({ outcome });
    expect(text).toContain(words);
    expect(text).toContain('This run itself sent nothing. The examined run is resolved.');
    expect(verbsOf(text)).toStrictEqual(['plan']);
  });

  test('that found nothing out says what the run had sent, and what to do', () => {
    const text = verify({});
    expect(text).toContain('What run run-0 did is still unknown: ');
    expect(text).toContain('PUT possibly sent. Last seen roles: ');
    expect(verbsOf(text)).toStrictEqual(['verify', 'adopt', 'resolve']);
    const unsent = verify({ examined: { ...examined, sending: 'not-applied' } });
    expect(verbsOf(unsent)).toStrictEqual(['verify', 'resolve']);
  });

  test('cannot take back what a run has proved of itself', () => {
    const text = verify({ examined: { ...examined, ended: 'SUCCEEDED' } });
    expect(text).toContain(
      'What run run-0 did, which ended SUCCEEDED, cannot be confirmed any more: ',
    );
    expect(text).toContain('Its outcome stands, and it left nothing unresolved.');
    expect(verbsOf(text)).toStrictEqual(['plan']);
    const failed = verify({ examined: { ...examined, ended: 'TERMINATED' } });
    expect(failed).toContain('is still unknown');
  });

  test('of which no run is known leads nowhere', () => {
    const text = verify({ examined: null });
    expect(text).toContain('What run under examination did is still unknown');
    expect(verbsOf(text)).toStrictEqual([]);
  });
});
