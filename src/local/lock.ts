import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { hasCode } from './errors.js';

const POLL_MS = 100;

/**
 * Runs `work` while no other process or caller does so under the same lock file. A lock is taken over
 * when its owner is gone, or when it is older than `staleAfterMs`, which must exceed the time `work`
 * can take.
 *
 * @throws Error when the lock was not free within twice `staleAfterMs`, or the file cannot be written.
 */
export async function withLock<T>(
  lockFile: string,
  staleAfterMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(lockFile), { recursive: true });
  const giveUpAt = Date.now() + 2 * staleAfterMs;
  while (!(await tryLock(lockFile))) {
    if (Date.now() > giveUpAt) throw new Error(`${lockFile} is held by another process`);
    if (await isStale(lockFile, staleAfterMs)) await rm(lockFile, { force: true });
    else await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function tryLock(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isStale(lockFile: string, staleAfterMs: number): Promise<boolean> {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(lockFile, 'utf8'), stat(lockFile)]);
    // An empty file is a lock whose owner is about to write its id.
    return Date.now() - mtimeMs > staleAfterMs || (owner !== '' && !isRunning(Number(owner)));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
