/** What an open run shows: the answer of its query, and the details in the Temporal UI. */
import { describe, expect, it, test } from '@jest/globals';

import type { Mode, SwitchoverStatus } from '../../src/contract/index.js';
import { toMarkdown, toStatus } from '../../src/domain/details.js';
import { newRunState } from '../../src/domain/run-state.js';
import { measured } from '../support/data-plane.js';

import { BEFORE, master, NOW_MS, rolesOf, SWAPPED } from './support.js';

const RUN = { projectId: 'p1', instanceId: 'i1', runId: 'r1', mode: 'switch' } as const;

const statusOf = (overrides: Partial<SwitchoverStatus> = {}): SwitchoverStatus => ({
  ...{ phase: 'SWAPPING', since: '2026-01-01T00:00:00.000Z', next: 'the PUT' },
  ...{ swapsSent: 0, swapsPossiblySent: 0, jobIds: [] },
  ...overrides,
});

const shown = (status: Partial<SwitchoverStatus>, mode: Mode = 'switch'): string =>
  toMarkdown(statusOf(status), [], [], { ...RUN, mode });

describe('the status of a run', () => {
  test('has no field for what is not there yet', () => {
    expect(toStatus(newRunState({}, NOW_MS))).toStrictEqual({
      ...{ phase: 'PREFLIGHT', since: '2026-01-01T00:00:00.000Z', next: expect.any(String) },
      ...{ swapsSent: 0, swapsPossiblySent: 0, jobIds: [] },
    });
  });

  test('shows outcome, roles and lock as soon as they are known', () => {
    const lockedUntil = '2026-01-01T00:05:00.000Z';
    const known = { outcome: 'UNKNOWN', lockedUntil, before: BEFORE, after: SWAPPED } as const;
    expect(toStatus({ ...newRunState({}, NOW_MS), ...known })).toMatchObject(known);
  });
});

describe('the details of a run', () => {
  test('begin with its outcome once it has one, and with its phase before', () => {
    expect(shown({})).toMatch(/^\*\*SWAPPING\*\* since 2026-01-01T00:00:00\.000Z\n/);
    expect(shown({ phase: 'HOLDING', outcome: 'UNKNOWN' })).toMatch(/^\*\*UNKNOWN\*\* since/);
  });

  test('name the instance as soon as that is known, and its name formats nothing', () => {
    expect(shown({})).not.toContain('**Instance:**');
    expect(shown({ instanceName: 'cart_*cache*' })).toContain('**Instance:** cart\\_\\*cache\\*\n');
    const named = newRunState({}, NOW_MS, 'cart');
    expect(toStatus(named)).toMatchObject({ instanceName: 'cart' });
  });

  test('show what Redis itself showed, and not a word of it where no one looked', () => {
    expect(shown({})).not.toContain('Redis');
    expect(shown({ dataPlane: measured() })).toContain(
      '**As Redis shows it**\n\n- **writes** interrupted 0.36–0.71 s, 0 of 166 test writes lost\n',
    );
  });

  test('count its PUTs, the possible ones among them, and name their jobs', () => {
    expect(shown({})).toContain('**PUTs sent:** 0\n');
    expect(shown({ swapsSent: 2, jobIds: ['j1', 'j2'] })).toContain(
      '**PUTs sent:** 2 · **jobs:** j1, j2\n',
    );
    expect(shown({ swapsSent: 1, swapsPossiblySent: 1 })).toContain(
      '**PUTs sent:** 1 (1 of them possibly)\n',
    );
  });

  it.each<[SwitchoverStatus['phase'], Mode, RegExp]>([
    ['PREFLIGHT', 'switch', /cancel: nothing has been sent/],
    ['SWAPPING', 'switch', /cancel until the PUT passes its fence/],
    ['AWAITING_JOB', 'switch', /wait\. A cancellation is too late/],
    ['VERIFYING', 'verify', /cancel at any time: this run only reads/],
    ['AWAITING_JOB', 'adopt', /cancel at any time: this run only reads/],
    ['ENDED', 'verify', /act on the message of the result/],
    ['HOLDING', 'switch', /do not switch it by other means/],
  ])('say what a person may do in %s of mode %s', (phase, mode, advice) => {
    expect(shown({ phase }, mode)).toMatch(advice);
  });

  test('offer to cancel while it goes on, the history when it has ended, and then no cancellation', () => {
    expect(shown({})).toContain(
      '```sh\ndcs-switchover status i1 --project p1 --run r1\n' +
        'dcs-switchover cancel i1 --project p1 --run r1\n```',
    );
    const over = shown({ phase: 'ENDED' });
    expect(over).toContain('```sh\ndcs-switchover history i1 --project p1\n```');
    expect(over).not.toContain('cancel i1');
  });

  test('say while it holds its lock what to do afterwards: verify, its job if it may have one, resolve', () => {
    const verbs = (status: Partial<SwitchoverStatus>) =>
      [...shown({ phase: 'HOLDING', ...status }).matchAll(/^dcs-switchover (\w+)/gm)].map(
        ([, verb]) => verb,
      );
    const followed = ['status', 'verify', 'adopt', 'resolve'];
    expect(verbs({ swapsSent: 1, jobIds: ['j1'] })).toStrictEqual(followed);
    expect(verbs({ swapsSent: 1, swapsPossiblySent: 1 })).toStrictEqual(followed);
    expect(verbs({})).toStrictEqual(['status', 'verify', 'resolve']);
  });

  test('have no command before the ids of the run are known to be ids', () => {
    expect(toMarkdown(statusOf(), [], [])).not.toContain('dcs-switchover');
  });

  test('show each node with its role, and a dash for what is not reported', () => {
    const unnamed = { ...master, nodeId: null, availabilityZone: null, status: null };
    const text = shown({ before: BEFORE, after: rolesOf(unnamed) });
    expect(text).toContain(
      '**Before**\n\n- **master** `node-a` in az1, Active\n- **replica** `node-b` in az2, Active',
    );
    expect(text).toContain('**Now**\n\n- **master** `–` in –, no status reported');
    expect(shown({})).not.toMatch(/Before|Now/);
  });

  test('end with its warnings and with the last eight things that it has seen and done', () => {
    const evidence = Array.from({ length: 9 }, (_, at) => ({ at: `T${at}`, what: `step ${at}` }));
    const text = toMarkdown(statusOf(), evidence, ['careful', '  dcs-switchover status i1'], RUN);
    expect(text).toContain('**Warnings**\n\n- careful\n-   `dcs-switchover status i1`\n');
    expect(text).toMatch(/\*\*Seen and done\*\*\n\n- T1 step 1\n(?:- .*\n){6}- T8 step 8$/);
    expect(shown({})).not.toMatch(/Warnings|Seen/);
  });
});
