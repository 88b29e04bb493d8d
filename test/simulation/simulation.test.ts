/** The ledger of seeds, and two thousand schedules more; in a process of its own, whose time is virtual. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const run = promisify(execFile);
const SCRIPT = path.join(__dirname, '../../scripts/simulate.cjs');

/** Two and a half minutes of processor time. Always the same, so that a failure comes again; `npm run simulate` makes new ones. */
const SCHEDULES = [41, 42].map((seed) => ['--runs', '1000', '--seed', String(seed)]);

/** Only what hangs takes so long. */
const LIMIT_MS = 900_000;

async function simulate(...args: readonly string[]): Promise<{ code: number; out: string }> {
  try {
    const { stdout } = await run(process.execPath, [SCRIPT, ...args], { timeout: LIMIT_MS });
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout } = error as { readonly code: number; readonly stdout: string };
    return { code, out: stdout };
  }
}

test(
  'no schedule of the ledger, and none of two thousand others, breaks an invariant',
  async () => {
    for (const { code, out } of await Promise.all(SCHEDULES.map((which) => simulate(...which)))) {
      // The text is the finding: the shrunk schedule, what it breaks, and the command that plays it again.
      expect(code === 0 ? '' : out).toBe('');
      expect(out).toContain('SUCCEEDED');
      expect(out).toContain('UNKNOWN');
      expect(out).toContain('ALL_DONE');
      for (const event of ['reset-child', 'reset', 'freeze', 'thaw', 'priorities', 'redis away'])
        expect(out).toMatch(new RegExp(`^${event} `, 'm'));
      expect(out).not.toContain('claimed, and not reached');
    }
  },
  LIMIT_MS,
);

test(
  'a schedule comes to the same whenever it is played',
  async () => {
    const [first, again] = [
      await simulate('--runs', '5', '--seed', '7'),
      await simulate('--runs', '5', '--seed', '7'),
    ].map(({ out }) => out.replace(/, [\d.]+ s of processor time/, ''));
    expect(again).toBe(first);
  },
  LIMIT_MS,
);
