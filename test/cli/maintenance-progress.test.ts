import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { formatMaintenanceProgress } from '../../src/cli/format/maintenance-result.js';
import { fitWidth, widthOf } from '../../src/cli/format/text.js';
import { COLOURED, PLAIN } from '../../src/cli/format/tones.js';
import { createProgressDisplay, describeChanges, toBlock } from '../../src/cli/maintenance/live.js';
import type { Leg, MaintenanceProgress } from '../../src/contract/index.js';
import { commandsOf } from '../../src/domain/commands.js';

import { createFakeIo } from './support/fake-io.js';
import { plain } from './support/plain.js';
import {
  instanceId,
  leg,
  maintenanceResult,
  progress,
  item,
  unstarted,
} from './support/maintenance-facts.js';

const NOW = Date.parse('2026-12-05T01:02:00.000Z');
const SIZE = { columns: 80, rows: 24 };

const HOLDING = leg({
  ...{ state: 'RUNNING', outcome: 'UNKNOWN', cause: null, endedAt: null },
  lockedUntil: '2026-12-05T01:06:00.000Z',
  reason: 'its lock is held until 2026-12-05T01:06:00.000Z: no trace',
});

const counts = (changes: Partial<MaintenanceProgress['counts']>) => ({
  ...{ pending: 0, running: 0, done: 0, failed: 0, skipped: 0, notStarted: 0 },
  ...changes,
});

describe('where lines cannot be rewritten', () => {
  const begun = progress();
  const ended = maintenanceResult({
    items: [
      item(1, leg()),
      item(2, leg({ outcome: 'UNKNOWN', cause: 'NO_TRACE', reason: 'No trace\nof it.' })),
    ],
  });

  test('each change is one line, said once, to the very end', () => {
    const io = createFakeIo();
    const shown = createProgressDisplay(io, PLAIN, () => NOW);
    shown.show(begun);
    shown.show(begun);
    shown.finish(ended);
    shown.end();
    expect(io.stderr().split('\n')).toEqual([
      '2026-12-05T01:00:00Z SWITCHING: switch 1 more',
      `2026-12-05T01:00:05Z cache-1 (${instanceId(1).slice(0, 8)}…) RUNNING`,
      `2026-12-05T01:00:15Z cache-1 (${instanceId(1).slice(0, 8)}…) SUCCEEDED, master is n2 (az2)`,
      `2026-12-05T01:00:15Z cache-2 (${instanceId(2).slice(0, 8)}…) UNKNOWN (NO_TRACE), master is n2 (az2): No trace of it.`,
      '',
    ]);
  });

  test('decisions and warnings are changes, too', () => {
    const decided = progress({
      decisions: [{ what: 'paused', by: 'bob', why: 'page 17', at: '2026-12-05T01:01:00.000Z' }],
      warnings: ['The hook "after" failed.'],
    });
    expect(describeChanges(begun, decided)).toEqual([
      '2026-12-05T01:01:00Z paused by bob: page 17',
      'warning: The hook "after" failed.',
    ]);
  });

  test('hundreds that do not start for one reason share a line', () => {
    const items = Array.from({ length: 300 }, (_, index) =>
      item(index, unstarted('NOT_STARTED', 'aborted by bob')),
    );
    expect(describeChanges(null, { items, decisions: [], warnings: [] })).toEqual([
      '300 instances NOT_STARTED: aborted by bob',
    ]);
  });

  test('an unresolved outcome is reported at once, with until when the lock is held', () => {
    const running = { ...begun, items: [item(1, leg({ state: 'RUNNING', outcome: null }))] };
    const unresolved = { ...begun, items: [item(1, HOLDING)] };
    expect(describeChanges(running, unresolved)).toEqual([
      `cache-1 (${instanceId(1).slice(0, 8)}…) UNKNOWN, HOLDING: its lock is held until 2026-12-05T01:06:00.000Z: no trace`,
    ]);
    expect(describeChanges(unresolved, unresolved)).toEqual([]);
  });

  test('the return leg is distinguished', () => {
    const back = item(1, leg(), leg({ leg: 'return', state: 'RUNNING', outcome: null }));
    expect(describeChanges({ ...begun, items: [item(1)] }, { ...begun, items: [back] })).toEqual([
      `2026-12-05T01:00:05Z cache-1 (${instanceId(1).slice(0, 8)}…) back RUNNING`,
    ]);
  });

  test('that a worker is missing is said once, until one answers', () => {
    const io = createFakeIo();
    const shown = createProgressDisplay(io);
    shown.trouble('No worker answered.');
    shown.trouble('No worker answered.');
    shown.show(begun);
    shown.trouble('No worker answered.');
    expect(io.stderr().match(/No worker/g)).toHaveLength(2);
  });
});

describe('on a terminal', () => {
  test('the block says phase, share, time left, who is at work, and what is next', () => {
    const failed = leg({ outcome: 'REFUSED', cause: 'CHECK_FAILED' });
    const shown = progress({
      isPaused: true,
      counts: counts({ running: 1, done: 6, failed: 3, pending: 2 }),
      items: [...progress().items, item(3, failed), item(4)],
    });
    expect(toBlock(shown, SIZE, NOW)).toEqual([
      'drain-az1  SWITCHING for 2 min 0 s  PAUSED',
      '[############!!!!!!......] 6 of 12 done, 1 running, 3 failed, 2 pending',
      'window: 3 h 54 min to start in',
      '  RUNNING          cache-1 (22222222…)  1 min 55 s',
      '  REFUSED          cache-3 (22222222…)  CHECK_FAILED',
      '  PENDING          cache-2 (22222222…)',
      'next: switch 1 more',
    ]);
  });

  test('says of an unresolved switchover for how long its lock is held', () => {
    const block = toBlock(progress({ items: [item(1, HOLDING)] }), SIZE, NOW);
    expect(block).toContain('  UNKNOWN, HOLDING cache-1 (22222222…)  4 min 0 s left');
  });

  test('has the tones that the result has', () => {
    const items = [item(1, HOLDING), item(2, leg({ outcome: 'REFUSED' }))];
    const lines = toBlock(progress({ items }), SIZE, NOW, COLOURED);
    expect(lines.at(0)).toContain(COLOURED('busy', 'SWITCHING'));
    expect(lines.join()).toContain(COLOURED('alarm', 'UNKNOWN, HOLDING'));
    expect(lines.join()).toContain(COLOURED('caution', 'REFUSED'));
  });

  test('says how long until the window opens, and that it is over', () => {
    const early = Date.parse('2026-12-05T00:30:00.000Z');
    const late = Date.parse('2026-12-05T04:56:00.000Z');
    expect(toBlock(progress(), SIZE, early)).toContain('window: opens in 30 min');
    expect(toBlock(progress(), SIZE, late)).toContain('window: nothing starts any more');
  });

  test('of the return leg it counts the return leg', () => {
    const back = leg({ leg: 'return' });
    const returning = progress({
      phase: 'RETURNING',
      items: [
        item(1, leg(), back),
        item(2, leg(), unstarted('PENDING')),
        item(3, unstarted('SKIPPED')),
      ],
    });
    expect(toBlock(returning, SIZE, NOW)[1]).toBe('[############............] 1 of 2 back');
  });

  const states: readonly Leg[] = [
    leg(),
    leg({ outcome: 'UNKNOWN' }),
    leg({ state: 'RUNNING', outcome: null, endedAt: null }),
    unstarted('PENDING'),
    unstarted('SKIPPED', 'x'),
  ];

  test('no line ever wraps and no block ever scrolls, whatever the maintenance and the terminal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...states), fc.string({ unit: 'grapheme' })), {
          maxLength: 60,
        }),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 6, max: 60 }),
        (forwards, next, columns, height) => {
          const items = forwards.map(([forward, name], index) => ({
            ...item(index, forward),
            name,
          }));
          const lines = toBlock(progress({ items, next }), { columns, rows: height }, NOW);
          expect(lines.length).toBeLessThan(height);
          for (const line of lines) {
            expect(widthOf(line)).toBeLessThan(columns);
            expect(line).toMatch(/^\P{Cc}*$/u);
          }
        },
      ),
    );
  });

  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['缓存实例', 8, '缓存实例'],
    ['缓存实例', 7, '缓存实…'],
    ['缓存实例', 6, '缓存…'],
  ])('%s in %i cells is %s', (text, cells, fitting) => {
    expect(fitWidth(text, cells)).toBe(fitting);
  });

  test('is rewritten in place, and gone before the result is printed', () => {
    const io = createFakeIo({ isTerminal: true });
    const shown = createProgressDisplay(io, PLAIN, () => NOW);
    shown.show(progress());
    shown.show(progress({ items: [] }));
    shown.finish(maintenanceResult());
    shown.end();
    const lines = toBlock(progress(), SIZE, NOW).length;
    const [, second, third] = io.stderr().split('\u001B[J');
    expect(second).toMatch(new RegExp(`^\\u001B\\[${lines}A\\rdrain-az1`));
    expect(third).toBe('\u001B[3A\r\u001B[K');
  });

  test('stays when one stops waiting', () => {
    const io = createFakeIo({ isTerminal: true });
    const shown = createProgressDisplay(io, PLAIN, () => NOW);
    shown.show(progress());
    shown.end();
    expect(io.stderr().split('\u001B[J')).toEqual([expect.stringContaining('drain-az1'), '']);
  });

  test('keeps what was last heard while no one answers', () => {
    const io = createFakeIo({ isTerminal: true });
    const shown = createProgressDisplay(io, PLAIN, () => NOW);
    shown.show(progress());
    shown.trouble('No worker of task queue dcs-switchover answered.');
    const last = io.stderr().split('\u001B[J').at(-2);
    expect(last).toContain('drain-az1  SWITCHING');
    expect(last).toContain('No worker of task queue');
  });
});

test('a progress ends with the commands of the decision that is awaited', () => {
  const source = { name: 'nightly-2026-12-05T01:00:00Z', taskQueue: 'blue' };
  const commandsIn = (changes: Partial<MaintenanceProgress>) =>
    commandsOf(plain(formatMaintenanceProgress(progress(changes), source)));
  const line = (verb: string, rest = '') =>
    `dcs-switchover maintenance ${verb} nightly --firing 2026-12-05T01:00:00Z${rest} --task-queue blue`;
  const approval = [line('approve'), line('reject', " --reason 'rejected by hand'")];
  expect(commandsIn({ phase: 'AWAITING_APPROVAL' })).toEqual(approval);
  expect(commandsIn({ phase: 'AWAITING_APPROVAL', isPaused: true })).toEqual([
    ...approval,
    line('resume'),
  ]);
  expect(commandsIn({ phase: 'SWITCHING' })).toEqual([]);
  expect(commandsIn({ phase: 'ENDED', outcome: 'PARTIAL' })).toEqual([]);
});

test('a progress tells the latest word on approval, and no time left once all has ended', () => {
  const by = { by: 'ada', why: null, at: '2026-12-05T01:00:00.000Z' };
  const decisions = (['approved', 'rejected'] as const).map((what) => ({ what, ...by }));
  const show = (changes: Partial<MaintenanceProgress>): string =>
    plain(formatMaintenanceProgress(progress(changes), { name: 'nightly' }, NOW));
  expect(show({ decisions })).toMatch(/^approval +rejected by ada$/m);
  expect(show({ phase: 'SWITCHING' })).toMatch(/^time left /m);
  expect(show({ phase: 'ENDED', outcome: null })).not.toMatch(/^time left /m);
});
