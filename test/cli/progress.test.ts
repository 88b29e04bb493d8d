import { describe, expect, test } from '@jest/globals';

import { createProgress } from '../../src/cli/follow.js';

import { createFakeIo } from './support/fake-io.js';

const T0 = Date.parse('2026-11-24T02:00:00.000Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

describe('progress', () => {
  test('is one plain line per phase where nothing can be rewritten', () => {
    const io = createFakeIo();
    const progress = createProgress(io, () => T0);
    progress.show({ phase: 'PREFLIGHT', since: at(0), next: 'read' });
    progress.show({ phase: 'PREFLIGHT', since: at(0), next: 'read' });
    progress.show({ phase: 'SWAPPING', since: at(1), next: 'send\u001B[2J' });
    progress.end();
    expect(io.stderr()).toBe(
      '2026-11-24T02:00:00.000Z PREFLIGHT: read\n2026-11-24T02:00:01.000Z SWAPPING: send\\u001b[2J\n',
    );
  });

  test('rewrites its line on a terminal and keeps the time of each phase', () => {
    const io = createFakeIo({ isTerminal: true });
    const progress = createProgress(io, () => T0 + 4_000);
    progress.show({ phase: 'PREFLIGHT', since: at(0), next: 'read' });
    progress.show({ phase: 'AWAITING_JOB', since: at(1.5), next: 'poll\nand poll' });
    progress.end();
    const lines = io.stderr().split('\r\u001B[2K');
    expect(lines).toEqual([
      '',
      'PREFLIGHT     4.0 s  read',
      'PREFLIGHT     1.5 s\n',
      'AWAITING_JOB  2.5 s  poll and poll',
      'AWAITING_JOB  2.5 s\n',
    ]);
  });

  test('reports an unresolved outcome at once and in full, on a terminal and elsewhere', () => {
    const next = `Outcome unknown: nothing shows what the PUT did. The lock is held until ${at(300)}`;
    for (const isTerminal of [true, false]) {
      const io = createFakeIo({ isTerminal });
      const progress = createProgress(io, () => T0 + 4_000);
      progress.show({ phase: 'RECONCILING', since: at(0), next: 'watch' });
      progress.show({ phase: 'HOLDING', since: at(2), next });
      expect(io.stderr()).toContain('UNKNOWN');
      expect(io.stderr().replaceAll('\n', ' ')).toContain(next);
      progress.end();
    }
  });

  test('shows while an outcome is held until when, and not the same text once more', () => {
    const io = createFakeIo({ isTerminal: true });
    const next = 'Outcome unknown: nothing shows what the PUT did';
    const held = { phase: 'HOLDING', since: at(2), next, lockedUntil: at(300) } as const;
    createProgress(io, () => T0 + 4_000).show(held);
    const [, whole = '', line = ''] = io.stderr().split('\r\u001B[2K');
    expect(whole).toBe(`UNKNOWN\n${next}.\n`);
    expect(line).toContain('the lock is held until 2026-11-24T02:05:00Z');
    expect(line).not.toContain('Outcome unknown');
  });

  test.each([40, 80, 200])('never wraps a line of a terminal of %i columns', (columns) => {
    const io = {
      ...createFakeIo({ isTerminal: true }),
      terminalSize: () => ({ columns, rows: 24 }),
    };
    createProgress(io, () => T0).show({ phase: 'VERIFYING', since: at(0), next: 'x'.repeat(500) });
    expect(io.stderr().replace('\r\u001B[2K', '')).toHaveLength(columns - 1);
  });
});
