/**
 * Logging in so that no one is locked out by what cannot work. A password leaves only where the node has shown life, as
 * few at once as may still be refused, and an answer that comes late counts as well as one in time.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { DataPlaneAccess, LoginEnd, LoginLimit } from './access.js';
import { startDeadline } from './deadline.js';
import { DataPlaneFailure } from './failure.js';
import type { Reply, Word } from './resp.js';

/** A connection that is not logged in yet. */
interface Unknown {
  /** As `ask` of a connection. @throws DataPlaneFailure */
  readonly ask: (...words: readonly Word[]) => Promise<Reply>;
  /** Sends a command, and waits for its reply for as long as the connection lasts. @throws DataPlaneFailure at once where nothing leaves */
  readonly send: (...words: readonly Word[]) => Promise<Reply>;
}

/**
 * Logs in, unless there is no password.
 *
 * @throws DataPlaneFailure also where the answer is late: it is then still to come
 */
export async function logIn(
  connection: Unknown,
  access: DataPlaneAccess,
  limits: { readonly answerMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { password, logins } = access;
  if (password === null) return;
  const end = await takeTurn(logins, limits);
  let answer: Promise<Reply>;
  try {
    await showsLife(connection);
    answer = connection.send('AUTH', ...credentialsOf(access, password));
  } catch (error) {
    end('unjudged');
    throw error;
  }
  answer.then(
    () => {
      end('accepted');
    },
    (error: unknown) => {
      end(judge(error));
    },
  );
  await inTime(answer, limits.answerMs);
}

/** How often it is asked whether a login may be tried, in milliseconds. */
const TURN_MS = 10;

/** @throws DataPlaneFailure where the login may not be tried, or not in time */
async function takeTurn(
  logins: LoginLimit | undefined,
  { answerMs, signal }: Parameters<typeof logIn>[2],
): Promise<(how: LoginEnd) => void> {
  if (logins === undefined) return () => undefined;
  const endMs = performance.now() + answerMs;
  while (logins.mayTry() === 'wait') {
    if (signal?.aborted === true || performance.now() >= endMs)
      throw new DataPlaneFailure('AUTH: earlier logins have no answer yet', 'timeout');
    await sleep(TURN_MS);
  }
  if (logins.mayTry() === 'no')
    throw new DataPlaneFailure(
      'AUTH: not tried again, Redis has refused this login too often',
      'auth',
    );
  return logins.begin();
}

/** Most answer that they want a login, some that they are loading, or know no `PING`. */
async function showsLife({ ask }: Unknown): Promise<void> {
  try {
    const answer = await ask('PING');
    if (answer.type === 'status' && answer.text === 'PONG') return;
  } catch (error) {
    if (error instanceof DataPlaneFailure && error.isReply) return;
    throw error;
  }
  throw new DataPlaneFailure('PING: not what Redis answers', 'protocol');
}

function judge(error: unknown): LoginEnd {
  if (!(error instanceof DataPlaneFailure)) return 'unanswered';
  if (error.kind === 'auth') return 'refused';
  return error.isReply || error.kind === 'error-reply' ? 'unjudged' : 'unanswered';
}

function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = startDeadline(ms, () => {
      reject(new DataPlaneFailure('AUTH: no answer in time', 'timeout'));
    });
    void answer.then(resolve, reject).finally(deadline.cancel);
  });
}

/**
 * The arguments of `AUTH`. The default user is not named: by its name alone Redis takes any password where it has none,
 * and then an accepted password would prove nothing.
 */
function credentialsOf({ username, login }: DataPlaneAccess, password: string): readonly string[] {
  if (username === null) return [password];
  if (login === 'password-argument') return [`${username}:${password}`];
  return username === 'default' ? [password] : [username, password];
}

// How often one may be tried.

/** A login that was refused so often in a row is not tried again before the pause is over, and then once. */
export const MAX_REFUSALS = 3;

/** Longer than a run usually takes. */
export const PAUSE_MS = 15 * 60_000;

/** So many without an answer, of which none was refused, and one is tried at a time, after a pause that doubles. */
const SILENCE_PAUSE_MS = 1_000;
const MAX_SILENCE_PAUSE_MS = 60_000;

/** More passwords than an owner has. The oldest is forgotten. */
const MAX_REMEMBERED = 1_000;

export interface LoginLimits {
  readonly of: (access: Omit<DataPlaneAccess, 'logins'>) => LoginLimit;
}

/** What is known of one login since it was last accepted. */
interface Logins {
  readonly refused: number;
  /** Redis may have refused them all the same. */
  readonly unanswered: number;
  readonly inFlight: number;
  /** When the last one ended that Redis has refused or not answered, monotonic. */
  readonly failedMs: number;
}

const NO_LOGINS: Logins = { refused: 0, unanswered: 0, inFlight: 0, failedMs: 0 };

/** Counts by address, user and password: another content of the files is another login. */
export function createLoginLimits(): LoginLimits {
  const known = new Map<string, Logins>();
  const remember = (key: string, logins: Logins): void => {
    known.delete(key);
    known.set(key, logins);
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
  };
  return {
    of: ({ host, port, username, password, login }) => {
      const identity = JSON.stringify([host, port, username, password, login]);
      const key = createHash('sha256').update(identity).digest('base64');
      const state = (): Logins => known.get(key) ?? NO_LOGINS;
      return {
        mayTry: () => mayTry(state()),
        isRefused: () => state().refused > 0,
        begin: () => {
          const before = state();
          remember(key, { ...before, inFlight: before.inFlight + 1 });
          return (how) => {
            remember(key, ended(how, before, state()));
          };
        },
      };
    },
  };
}

function mayTry({
  refused,
  unanswered,
  inFlight,
  failedMs,
}: Logins): ReturnType<LoginLimit['mayTry']> {
  const failed = refused + unanswered;
  if (failed < MAX_REFUSALS) return failed + inFlight < MAX_REFUSALS ? 'yes' : 'wait';
  if (inFlight > 0) return 'wait';
  const isOver = (pauseMs: number): boolean => performance.now() - failedMs >= pauseMs;
  if (refused > 0) return isOver(PAUSE_MS) ? 'yes' : 'no';
  const pauseMs = SILENCE_PAUSE_MS * 2 ** (unanswered - MAX_REFUSALS);
  return isOver(Math.min(pauseMs, MAX_SILENCE_PAUSE_MS)) ? 'yes' : 'wait';
}

/** @param before what was known when it began: an answer that comes late says nothing of those that were tried since */
function ended(how: LoginEnd, before: Logins, now: Logins): Logins {
  const { refused, unanswered } = now;
  const left = { ...now, inFlight: Math.max(0, now.inFlight - 1) };
  switch (how) {
    case 'accepted':
      return {
        ...left,
        refused: Math.max(0, refused - before.refused),
        unanswered: Math.max(0, unanswered - before.unanswered),
      };
    case 'refused':
      return { ...left, refused: refused + 1, failedMs: performance.now() };
    case 'unanswered':
      return { ...left, unanswered: unanswered + 1, failedMs: performance.now() };
    case 'unjudged':
      return left;
  }
}
