import type { HookAnswer } from '../../contract/index.js';

/** Longest reason of a hook that is kept. */
const MAX_REASON_LENGTH = 600;

/**
 * How long a `proceed` holds, in milliseconds. It speaks of the moment at which it was given: a start that a lock, a
 * pause, a spent quota or an absent worker has held up longer is another moment, and the hook is asked again.
 */
const PROCEED_HOLDS_MS = 300_000;

/**
 * Until when a `proceed` holds, epoch milliseconds. The answer may be read long after it was given, where no worker
 * served the maintenance: it was given within the time that the hook had.
 */
export function holdsUntilMs(askedAtMs: number, timeoutSeconds: number, readAtMs: number): number {
  return Math.min(readAtMs, askedAtMs + timeoutSeconds * 1000) + PROCEED_HOLDS_MS;
}

/** What a `before` hook has said; or what is wrong with its answer. */
export type ReadAnswer =
  | { readonly answer: HookAnswer['answer']; readonly reason: string }
  | { readonly answer: 'malformed'; readonly reason: string };

/** Reads the answer of a `before` hook, which is somebody else's code: nothing of it is taken for granted. */
export function readHookAnswer(value: unknown): ReadAnswer {
  const { answer, reason } = fieldsOf(value);
  const text = typeof reason === 'string' ? reason.trim().slice(0, MAX_REASON_LENGTH) : '';
  if (answer === 'proceed') return { answer, reason: text };
  if (answer !== 'skip' && answer !== 'abort')
    return { answer: 'malformed', reason: 'answer is none of proceed, skip, abort' };
  if (text === '') return { answer: 'malformed', reason: `${answer} needs a reason` };
  return { answer, reason: text };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
