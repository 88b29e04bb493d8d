import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { withLock } from '../../src/dev/run.js';

const STALE_AFTER_MS = 60_000;

let dir: string;
let lockFile: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'lock-'));
  lockFile = path.join(dir, 'a.lock');
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('withLock', () => {
  it('lets one caller in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(lockFile, STALE_AFTER_MS, work)));
    expect(most).toBe(1);
  });

  it('gives the result, or the error, and the lock back', async () => {
    await expect(withLock(lockFile, STALE_AFTER_MS, () => Promise.resolve(7))).resolves.toBe(7);
    const failing = withLock(lockFile, STALE_AFTER_MS, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes over from a process that is gone', async () => {
    // No process has this id: Linux ends at 2^22, others far below.
    await writeFile(lockFile, '99999999');
    await expect(withLock(lockFile, STALE_AFTER_MS, () => Promise.resolve('in'))).resolves.toBe(
      'in',
    );
  });

  it('takes over a lock that is too old, although its process lives', async () => {
    await writeFile(lockFile, String(process.pid));
    const longAgo = new Date(Date.now() - 2 * STALE_AFTER_MS);
    await utimes(lockFile, longAgo, longAgo);
    await expect(withLock(lockFile, STALE_AFTER_MS, () => Promise.resolve('in'))).resolves.toBe(
      'in',
    );
  });

  it('waits for a lock that was made a moment ago and bears no name yet', async () => {
    await writeFile(lockFile, '');
    const waiting = withLock(lockFile, STALE_AFTER_MS, () => Promise.resolve('in'));
    const early = await Promise.race([
      waiting,
      new Promise((resolve) => setTimeout(resolve, 250, 'still waiting')),
    ]);
    await rm(lockFile);

    expect(early).toBe('still waiting');
    await expect(waiting).resolves.toBe('in');
  });
});
