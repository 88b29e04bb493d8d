import { describe, expect, test } from '@jest/globals';

import { createProgress as createShown } from '../../src/cli/follow.js';
import { COLOURED } from '../../src/cli/format/tones.js';
import { createOutput } from '../../src/cli/output.js';

import { createFakeIo } from './support/fake-io.js';
import type { FakeIo } from './support/fake-io.js';

const T0 = Date.parse('2026-11-24T02:00:00.000Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

const createProgress = (io: FakeIo, now: () => number) =>
  createShown(io, createOutput(io, null, { color: 'never' }), now);

/** What was shown instead of each other. */
const shownBy = (io: FakeIo): string[] =>
  io
    .stderr()
    .split('\u001B[J')
    .map((text) => text.replaceAll('\u001B[K', ''));

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
    expect(shownBy(io)).toEqual([
      '\rPREFLIGHT     4.0 s  read',
      '\rPREFLIGHT     1.5 s\n',
      '\rAWAITING_JOB  2.5 s  poll and poll',
      '\rAWAITING_JOB  2.5 s\n',
      '',
    ]);
  });

  test('has the tones that the result has', () => {
    const io = createFakeIo({ isTerminal: true });
    const progress = createShown(io, createOutput(io, null, { color: 'always' }), () => T0);
    progress.show({ phase: 'SWAPPING', since: at(0), next: 'send' });
    progress.show({ phase: 'HOLDING', since: at(0), next: 'wait' });
    expect(io.stderr()).toContain(COLOURED('busy', 'SWAPPING'));
    expect(io.stderr()).toContain(COLOURED('alarm', 'UNKNOWN'));
  });

  const next = `Outcome unknown: nothing shows what the PUT did. The lock is held until ${at(300)}`;
  const held = { phase: 'HOLDING', since: at(2), next } as const;

  test('reports an unresolved outcome at once and in full, on a terminal and elsewhere', () => {
    for (const isTerminal of [true, false]) {
      const io = createFakeIo({ isTerminal });
      createProgress(io, () => T0 + 4_000).show(held);
      expect(io.stderr()).toContain('UNKNOWN');
      expect(io.stderr().replaceAll('\u001B[K', '').replaceAll('\n', ' ')).toContain(next);
    }
  });

  test('leaves that to the result once there is one, and in sight where there is none', () => {
    const show = (): { io: FakeIo; progress: ReturnType<typeof createProgress> } => {
      const io = createFakeIo({ isTerminal: true });
      const progress = createProgress(io, () => T0 + 4_000);
      progress.show(held);
      return { io, progress };
    };
    const [ended, stopped] = [show(), show()];
    ended.progress.finish();
    ended.progress.end();
    expect(shownBy(ended.io).slice(1)).toEqual(['\u001B[3A\rHOLDING       2.0 s\n', '']);
    stopped.progress.end();
    expect(shownBy(stopped.io).slice(1)).toEqual(['']);
  });

  test.each([40, 80, 200])('never wraps a line of a terminal of %i columns', (columns) => {
    const io = {
      ...createFakeIo({ isTerminal: true }),
      terminalSize: () => ({ columns, rows: 24 }),
    };
    createProgress(io, () => T0).show({ phase: 'VERIFYING', since: at(0), next: 'x'.repeat(500) });
    expect(shownBy(io)[0]).toHaveLength(columns);
  });
});
