/** Letters that are on their way: bounded, repeated for minutes, given up with a word. */
import { createDirectPost } from '../direct-request.js';
import { parseRetryAfterMs, timeoutSignal } from '../util.js';

import { CLOUD_EVENTS_TYPE, sign } from './cloud-event.js';
import type { Letter, ReadKeys } from './cloud-event.js';

/** Bounds of an outbox. */
export interface OutboxLimits {
  /** Letters that wait, are sent or are to be repeated; a further one is dropped. */
  readonly maxLetters: number;
  readonly maxInFlight: number;
  /** First pause before a repetition, in milliseconds; doubles up to `maxPauseMs`. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** How long after it was reported a letter is repeated, in milliseconds. */
  readonly giveUpAfterMs: number;
}

/** The bounds of a worker. */
const OUTBOX_LIMITS: OutboxLimits = {
  maxLetters: 1000,
  maxInFlight: 8,
  firstPauseMs: 1_000,
  maxPauseMs: 60_000,
  giveUpAfterMs: 600_000,
};

/** Why a letter was never delivered. */
type Loss = 'refused' | 'given-up' | 'queue-full' | 'shutdown';

/** Is notified of what becomes of letters. */
export interface OutboxReporter {
  readonly delivered: (letter: Letter) => void;
  readonly dropped: (letter: Letter, loss: Loss, why: string, attempts: number) => void;
  /** The receiver begins to fail; reported once, until it takes a letter again. */
  readonly failing: (why: string) => void;
  readonly recovered: () => void;
}

/** Takes letters and sends them. */
export interface Outbox {
  /** Never throws, never waits. */
  readonly add: (letter: Letter) => void;
  /**
   * Sends what is left, each once more, and takes nothing any more.
   *
   * @param withinMs what is left then is dropped
   */
  readonly drain: (withinMs: number) => Promise<void>;
}

interface Entry {
  readonly letter: Letter;
  readonly bornAtMs: number;
  attempts: number;
  lastWhy: string;
  /** Runs while the entry waits for its repetition. */
  timer: NodeJS.Timeout | null;
}

interface Box {
  readonly post: Post;
  readonly reporter: OutboxReporter;
  readonly limits: OutboxLimits;
  /** All that are neither delivered nor dropped. */
  readonly open: Set<Entry>;
  readonly ready: Entry[];
  readonly stop: AbortController;
  inFlight: number;
  isFailing: boolean;
  isDraining: boolean;
  onEmpty: (() => void) | null;
}

/** An empty outbox. First attempts leave in the order of reporting; a repeated letter may be overtaken. */
export function createOutbox(
  post: Post,
  reporter: OutboxReporter,
  limits: OutboxLimits = OUTBOX_LIMITS,
): Outbox {
  const box: Box = {
    ...{ post, reporter, limits, open: new Set(), ready: [], stop: new AbortController() },
    ...{ inFlight: 0, isFailing: false, isDraining: false, onEmpty: null },
  };
  return {
    add: (letter) => {
      add(box, letter);
    },
    drain: (withinMs) => drain(box, withinMs),
  };
}

function add(box: Box, letter: Letter): void {
  const { open, ready, limits, reporter, isDraining } = box;
  if (isDraining || open.size >= limits.maxLetters) {
    const loss = isDraining ? 'shutdown' : 'queue-full';
    reporter.dropped(letter, loss, `${open.size} wait already`, 0);
    return;
  }
  const entry = { letter, bornAtMs: Date.now(), attempts: 0, lastWhy: 'not sent', timer: null };
  open.add(entry);
  ready.push(entry);
  pump(box);
}

function pump(box: Box): void {
  while (box.inFlight < box.limits.maxInFlight) {
    const entry = box.ready.shift();
    if (entry === undefined) return;
    box.inFlight += 1;
    void send(box, entry);
  }
}

async function send(box: Box, entry: Entry): Promise<void> {
  entry.attempts += 1;
  const verdict = await box.post(entry.letter, box.stop.signal);
  box.inFlight -= 1;
  // What was given up at the end of a drain has been reported already.
  if (box.open.has(entry)) settle(box, entry, verdict);
  pump(box);
}

function settle(box: Box, entry: Entry, verdict: Verdict): void {
  reportHealth(box, verdict);
  if (verdict.kind === 'refused') drop(box, entry, 'refused', verdict.why);
  else if (verdict.kind === 'later') repeat(box, entry, verdict.why, verdict.retryAfterMs ?? 0);
  else {
    close(box, entry);
    box.reporter.delivered(entry.letter);
  }
}

function reportHealth(box: Box, verdict: Verdict): void {
  const isFailing = verdict.kind !== 'delivered';
  if (isFailing === box.isFailing) return;
  box.isFailing = isFailing;
  if (isFailing) box.reporter.failing(verdict.why);
  else box.reporter.recovered();
}

function repeat(box: Box, entry: Entry, why: string, atLeastMs: number): void {
  const pauseMs = Math.max(pauseAfter(entry.attempts, box.limits), atLeastMs);
  const isTooOld = Date.now() + pauseMs - entry.bornAtMs > box.limits.giveUpAfterMs;
  entry.lastWhy = why;
  if (box.isDraining) drop(box, entry, 'shutdown', why);
  else if (isTooOld) drop(box, entry, 'given-up', why);
  else {
    entry.timer = setTimeout(() => {
      makeReady(box, entry);
      pump(box);
    }, pauseMs);
    // Nothing that waits may keep a process alive that has ended.
    entry.timer.unref();
  }
}

function makeReady({ ready }: Box, entry: Entry): void {
  if (entry.timer !== null) clearTimeout(entry.timer);
  entry.timer = null;
  ready.push(entry);
}

function drop(box: Box, entry: Entry, loss: Loss, why: string): void {
  close(box, entry);
  box.reporter.dropped(entry.letter, loss, why, entry.attempts);
}

function close({ open, onEmpty }: Box, entry: Entry): void {
  open.delete(entry);
  if (open.size === 0) onEmpty?.();
}

async function drain(box: Box, withinMs: number): Promise<void> {
  box.isDraining = true;
  for (const entry of box.open) if (entry.timer !== null) makeReady(box, entry);
  pump(box);
  await untilEmpty(box, withinMs);
  box.ready.length = 0;
  for (const entry of [...box.open]) drop(box, entry, 'shutdown', entry.lastWhy);
  box.stop.abort();
}

function untilEmpty(box: Box, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    box.onEmpty = () => {
      clearTimeout(timer);
      resolve();
    };
    if (box.open.size === 0) box.onEmpty();
  });
}

/** Half of the pause is random: a receiver that comes back is not met by all letters at once. */
function pauseAfter(attempts: number, { firstPauseMs, maxPauseMs }: OutboxLimits): number {
  const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(attempts - 1, 20));
  return pauseMs / 2 + (Math.random() * pauseMs) / 2;
}

// One attempt to hand a letter to the webhook.

/** Longest time for one attempt, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 10_000;

/** What came of an attempt. `why` never holds the URL, which may be secret, nor the key. */
type Verdict =
  | { readonly kind: 'delivered' }
  /** Asking again would get the same answer. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfterMs: number | null };

/** Where letters go. */
export interface PostOptions {
  /** Whole URL; may hold a token. */
  readonly url: string;
  readonly readKeys: ReadKeys;
  readonly userAgent: string;
  /** @default {@link ATTEMPT_TIMEOUT_MS} */
  readonly timeoutMs?: number;
}

/** Sends one letter. Never throws. */
export type Post = (letter: Letter, signal: AbortSignal) => Promise<Verdict>;

/** A sender that signs with the keys of the moment, follows no redirect, uses no proxy and reads no answer's body. */
export function createPost(options: PostOptions): Post {
  const { url, timeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  const postDirectly = createDirectPost();
  return async (letter, signal) => {
    try {
      const response = await postDirectly(url, {
        headers: await headersOf(options, letter),
        body: letter.body,
        signal: AbortSignal.any([signal, timeoutSignal(timeoutMs)]),
      });
      // Unread bodies would hold connections.
      response.destroy();
      return judge(response.statusCode ?? 0, response.headers['retry-after'] ?? null);
    } catch (error) {
      return { kind: 'later', why: reasonOf(error), retryAfterMs: null };
    }
  };
}

async function headersOf(
  { readKeys, userAgent }: PostOptions,
  { id, body }: Letter,
): Promise<Record<string, string>> {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signatures = sign(await readKeys(), { id, timestampSeconds, body });
  return { 'content-type': CLOUD_EVENTS_TYPE, 'user-agent': userAgent, ...signatures };
}

/** Answers about the letter itself; all others may change while a receiver is repaired or deployed. */
const FINAL_STATUSES: readonly number[] = [400, 405, 406, 410, 411, 413, 414, 415, 422, 501];

/** The longest pause that a receiver may ask for, in milliseconds. */
const MAX_RETRY_AFTER_MS = 300_000;

function judge(status: number, retryAfter: string | null): Verdict {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const why = `answered ${status}`;
  if (FINAL_STATUSES.includes(status)) return { kind: 'refused', why };
  return { kind: 'later', why, retryAfterMs: toDelayMs(retryAfter) };
}

function toDelayMs(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const delayMs = parseRetryAfterMs(retryAfter, Date.now());
  return delayMs === null || delayMs < 0 ? null : Math.min(delayMs, MAX_RETRY_AFTER_MS);
}

/** The system's code: its messages may repeat the host, those of files their path. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as Record<string, unknown>;
  if (name === 'TimeoutError') return 'no answer in time';
  if (name === 'WebhookSecretError') return `the secret ${(error as Error).message}`;
  const word = typeof code === 'string' ? code : (cause as { code?: unknown } | undefined)?.code;
  return typeof word === 'string' ? word : 'the connection failed';
}
