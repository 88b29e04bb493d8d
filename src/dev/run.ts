import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';

/** Enough for any version line or pip's last words; what comes before is dropped. */
const KEPT_OUTPUT_CHARS = 4_000;
const REASON_CHARS = 300;

/** Options of {@link runBounded}. */
export interface BoundedRunOptions {
  /** Environment of the child, complete. */
  readonly env: NodeJS.ProcessEnv;
  /** The child is killed after this time. */
  readonly timeoutMs: number;
}

/**
 * Runs a program to its end and gives what it printed (stdout, then stderr; the last 4,000 characters).
 *
 * @throws Error whose message is a short reason: not startable, exit code with the last line printed,
 * or still running after `timeoutMs` (then it is killed).
 */
export function runBounded(
  file: string,
  args: readonly string[],
  { env, timeoutMs }: BoundedRunOptions,
): Promise<string> {
  // At its end it also lets go of the pipes, which a grandchild may hold open.
  const how = { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: Infinity } as const;
  return new Promise((resolve, reject) => {
    execFile(file, args, how, (error, stdout, stderr) => {
      const output = (stdout + stderr).slice(-KEPT_OUTPUT_CHARS);
      if (error === null) resolve(output);
      else if (typeof error.code === 'string') reject(new Error(error.message));
      else if (error.killed === true)
        reject(new Error(`did not end within ${timeoutMs / 1_000} s`));
      else reject(new Error(describeEnd(error, output)));
    });
  });
}

function describeEnd({ code, signal }: ExecFileException, output: string): string {
  const ending = typeof code === 'number' ? `exit code ${code}` : `killed by ${signal ?? '?'}`;
  const lastLine = output.trim().split('\n').at(-1)?.trim().slice(0, REASON_CHARS) ?? '';
  return lastLine === '' ? ending : `${ending}: ${lastLine}`;
}

// isNativeError instead of instanceof: Node's own errors are of another realm under Jest.

/** Whether this is a system error of that code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return isNativeError(error) && 'code' in error && error.code === code;
}

/** What went wrong, in the error's own words. */
export function reasonOf(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}

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

/**
 * The first executable file of this name in the folders of `env.PATH`.
 *
 * @throws Error saying that there is none.
 */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const candidate = path.resolve(folder, name);
    if (await isExecutableFile(candidate)) return candidate;
  }
  throw new Error(`no ${name} in any folder of PATH`);
}

/** Whether a path names a file that this user may run. */
export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** One way to a part that did not lead to it, and why. */
export interface FailedSource {
  /** Name of the way: an environment variable, `PATH`, `cache`, `sdk-download`, `pypi …`. */
  readonly way: string;
  readonly reason: string;
}

/**
 * Thrown when no way leads to a part. The message names each way tried, in order, why it failed, and
 * how to give a path; it needs no stack trace beside it.
 */
export class PartUnavailableError extends Error {
  override readonly name = 'PartUnavailableError';

  constructor(
    /** What was looked for, in plain text. */
    readonly part: string,
    /** Every way tried, in the order tried. */
    readonly failedSources: readonly FailedSource[],
    /** What a person can do about it. */
    readonly remedy: string,
  ) {
    const lines = failedSources.map(
      ({ way, reason }, index) => `  ${index + 1}. ${way}: ${reason}`,
    );
    super([`No ${part} could be found or fetched. Tried:`, ...lines, remedy].join('\n'));
  }
}
