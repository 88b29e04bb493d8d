/** What the Temporal UI shows of a maintenance. */
import { describe, expect, it, test } from '@jest/globals';

import type { MaintenancePhase } from '../../../src/contract/index.js';
import { toMaintenanceMarkdown } from '../../../src/domain/maintenance/details.js';
import { toProgress } from '../../../src/domain/maintenance/progress.js';
import type { LegEnd } from '../../../src/domain/maintenance/progress.js';
import { addWarning, newState, patchLeg } from '../../../src/domain/maintenance/state.js';
import type { LegState, MaintenanceState } from '../../../src/domain/maintenance/state.js';

import { idOf, maintenanceOf, planned } from './support.js';

const show = (state: MaintenanceState, ending: LegEnd | null = null): string =>
  toMaintenanceMarkdown(toProgress('weekly', state, ending), 'weekly', { taskQueue: 'blue' });

const stateOf = (...legs: readonly Partial<LegState>[]): MaintenanceState =>
  legs.reduce<MaintenanceState>(
    (state, leg, index) => patchLeg(state, idOf(index), 'forward', leg),
    maintenanceOf(legs.map((_, index) => planned(index))),
  );
const inPhase = (phase: MaintenancePhase): MaintenanceState => ({ ...stateOf({}), phase });
const PAUSED = { what: 'paused', by: 'ada', why: null, at: 'T1' } as const;

/** The verbs of the commands that are offered. */
const offered = (text: string): string[] =>
  [...text.matchAll(/^dcs-switchover maintenance (\w+) .*--task-queue blue$/gm)].map(
    ([, verb = '']) => verb,
  );

/** The lines of the list of instances: the number of each, and what is said of it. */
const lines = (text: string): string[] =>
  [...text.matchAll(/^- `1{8}-[\d-]+?(\d)` redis-\d, master in az1: (.*)$/gm)].map(
    ([, index = '', words = '']) => `${index} ${words}`,
  );

describe('the head', () => {
  test('has the phase, or the outcome once there is one, the next step, window and counts', () => {
    const text = show({ ...stateOf({}, { state: 'RUNNING' }), phase: 'AWAITING_WINDOW' });
    expect(text.split('\n\n').slice(0, 4)).toStrictEqual([
      '**AWAITING_WINDOW** since 1970-01-01T00:00:00.000Z',
      '**Next:** wait until the window opens at 1970-01-01T00:16:40.000Z',
      '**Window:** 1970-01-01T00:16:40.000Z to 1970-01-01T02:46:40.000Z, latest safe start 1970-01-01T02:42:40.000Z',
      '**Instances:** 0 done · 1 running · 1 pending · 0 failed · 0 skipped · 0 not started',
    ]);
    const ending = { outcome: 'COMPLETED', cause: 'ALL_DONE', message: 'Done.' } as const;
    expect(show(inPhase('ENDED'), ending)).toMatch(
      /^\*\*COMPLETED\*\* since .*\n\n\*\*Next:\*\* Done\./,
    );
  });

  test('says that it is paused, and has no window before there is one', () => {
    expect(show({ ...newState(0), decisions: [PAUSED] })).toMatch(
      /^\*\*PLANNING\*\* · \*\*paused\*\* since/,
    );
    expect(show(newState(0))).toMatch(/^\*\*PLANNING\*\* since/);
    expect(show(newState(0))).not.toContain('Window');
  });

  test('keeps the commands of its next step as code, and lets no one’s words format the rest', () => {
    const message = 'Do *that*:\n  dcs-switchover maintenance start --rest-of weekly';
    const text = show(inPhase('ENDED'), { outcome: 'PARTIAL', cause: null, message });
    expect(text).toContain(
      '**Next:** Do \\*that\\*:\n  `dcs-switchover maintenance start --rest-of weekly`\n\n',
    );
  });
});

describe('a person may send', () => {
  it.each<[MaintenancePhase, string[]]>([
    ['PLANNING', ['progress']],
    ['AWAITING_APPROVAL', ['progress', 'approve', 'reject', 'pause', 'skip', 'abort']],
    ['AWAITING_WINDOW', ['progress', 'pause', 'skip', 'abort']],
    ['SWITCHING', ['progress', 'pause', 'skip', 'abort']],
    ['SOAKING', ['progress', 'pause', 'skip', 'abort']],
    ['RETURNING', ['progress', 'pause', 'skip', 'abort']],
  ])('in %s: %j, and resume in place of pause while it is paused', (phase, verbs) => {
    const state = inPhase(phase);
    expect(offered(show(state))).toStrictEqual(verbs);
    expect(offered(show({ ...state, decisions: [PAUSED] }))).toStrictEqual(
      verbs.map((verb) => (verb === 'pause' ? 'resume' : verb)),
    );
  });

  test('after its end only what does the rest, where something is left', () => {
    const ended = (outcome: LegEnd['outcome']): string[] =>
      offered(show(inPhase('ENDED'), { outcome, cause: null, message: '' }));
    expect(ended('PARTIAL')).toStrictEqual(['start']);
    expect(ended('COMPLETED')).toStrictEqual([]);
  });
});

describe('the list of instances', () => {
  test('begins with who runs, then who went wrong', () => {
    const back = patchLeg(
      stateOf(
        ...([
          {},
          { state: 'ENDED', outcome: 'SUCCEEDED' },
          { state: 'ENDED', outcome: 'NOOP' },
        ] as const),
        ...([
          { state: 'ENDED', outcome: 'UNKNOWN', reason: 'no\ntrace' },
          { state: 'RUNNING' },
        ] as const),
        { state: 'ENDED', outcome: 'SUCCEEDED', reason: 'all is well' },
      ),
      idOf(5),
      'return',
      { state: 'ENDED', outcome: 'REFUSED', reason: 'busy' },
    );
    expect(lines(show(back))).toStrictEqual([
      '4 **RUNNING**',
      '3 **UNKNOWN** (no trace)',
      '5 **SUCCEEDED**; back: **REFUSED** (busy)',
      ...['0 **PENDING**', '1 **SUCCEEDED**', '2 **NOOP**'],
    ]);
  });

  test('counts a master that is being brought back among those that run', () => {
    const done = { state: 'ENDED', outcome: 'SUCCEEDED' } as const;
    const state = patchLeg(stateOf(done, done), idOf(1), 'return', { state: 'RUNNING' });
    expect(lines(show(state))[0]).toBe('1 **SUCCEEDED**; back: **RUNNING**');
  });

  test('shows where the master went, and nothing for what is not known', () => {
    const moved = { state: 'ENDED', outcome: 'SUCCEEDED' } as const;
    const where = { master: { nodeId: 'b', availabilityZone: 'az*2' } };
    expect(show(stateOf({ ...moved, ...where }))).toContain(
      'redis-0, master in az\\*2: **SUCCEEDED**',
    );
    const unseen = maintenanceOf([planned(0, { name: null, master: null })]);
    expect(show(unseen)).toContain(`- \`${idOf(0)}\`: **NOT_STARTED** (its master was not known`);
  });

  test('names forty, and says how many more there are', () => {
    const some = (count: number): string =>
      show(maintenanceOf(Array.from({ length: count }, (_, index) => planned(index))));
    expect(some(40)).not.toContain('more');
    expect(some(41)).toContain('- … and 1 more');
  });

  test('is not there while there are no instances', () => {
    expect(show(newState(0))).not.toContain('Per instance');
  });

  test('cuts a long reason, and leaves out its commands', () => {
    const reason = `${'x'.repeat(200)}\nLook:\n  dcs-switchover status 1`;
    const text = show(stateOf({ state: 'ENDED', outcome: 'UNKNOWN', reason }));
    expect(text).toContain(`(${'x'.repeat(160)}…)`);
    expect(text).not.toContain('status 1');
  });
});

describe('warnings and decisions', () => {
  test('are the last eight of each, one line each', () => {
    const warned = Array.from({ length: 9 }).reduce<MaintenanceState>(
      (state, _, index) => addWarning(state, `warning ${index}\nLook:\n  dcs-switchover status 1`),
      newState(0),
    );
    const [, list = ''] = /\*\*Warnings\*\*\n\n((?:- .*\n?)*)/.exec(show(warned)) ?? [];
    expect(list.trim().split('\n')).toStrictEqual(
      Array.from({ length: 8 }, (_, index) => `- warning ${index + 1}`),
    );
  });

  test('name who decided what, for which instance and why', () => {
    const skipped = {
      what: 'skipped',
      by: 'bob',
      why: 'broken',
      at: 'T2',
      instanceId: 'i1',
    } as const;
    expect(show({ ...newState(0), decisions: [PAUSED, skipped] })).toMatch(
      /\*\*Decisions\*\*\n\n- T1 paused by ada\n- T2 skipped i1 by bob: broken$/,
    );
    expect(show(newState(0))).not.toMatch(/Warnings|Decisions/);
  });
});
