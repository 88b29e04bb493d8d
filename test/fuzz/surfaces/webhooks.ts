/** What the webhook of notifications answers. */
import { createOutbox, createPost, keysFromText } from '../../../src/notifications/index.js';
import type { Letter } from '../../../src/notifications/index.js';
import { answers, withAnswerServer } from '../server.js';
import type { Answer, AnswerServer } from '../server.js';
import { CANARIES, checkFields, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const TIMEOUT_MS = 300;
const LIMITS = {
  ...{ maxLetters: 10, maxInFlight: 2, firstPauseMs: 1, maxPauseMs: 4, giveUpAfterMs: 20 },
} as const;

/** Pauses of half a millisecond at least, until it is given up; an answer takes its time as well. */
const MAX_ATTEMPTS = 2 * LIMITS.giveUpAfterMs;

const DRAIN_MS = 2_000;

const LETTER: Letter = {
  id: 'run-1.1',
  type: 'dcs-switchover.switchover.ended.v1',
  subject: 'dcs-switchover:p:i',
  body: '{"specversion":"1.0"}',
};

/** A key that would be known again in whatever form. */
const SECRET = `whsec_${Buffer.from(CANARIES.secretKey.repeat(2)).toString('base64')}`;
const ENCODED = Buffer.from(CANARIES.secretKey).toString('base64').slice(0, 16);

export const webhooks: Surface<Answer> = {
  name: 'webhooks',
  inputs: answers,
  check: (answer) => withAnswerServer({ answer, good: { ok: true } }, checkWebhook),
};

async function checkWebhook({ origin, requests }: AnswerServer): Promise<void> {
  const path = `/hook/${CANARIES.accessKey}`;
  const post = createPost({
    ...{ url: `${origin}${path}`, readKeys: keysFromText(SECRET) },
    ...{ userAgent: 'fuzz', timeoutMs: TIMEOUT_MS },
  });
  await checkAttempt(post);
  const attempts = await checkLetter(post);
  if (requests.length > 1 + attempts) fail(`${requests.length} requests in ${attempts} attempts`);
  for (const line of requests) if (line !== `POST ${path}`) fail(`asked for ${line}`);
}

/** One attempt ends in a verdict, in time. */
async function checkAttempt(post: ReturnType<typeof createPost>): Promise<void> {
  const startedMs = performance.now();
  const verdict = await post(LETTER, new AbortController().signal);
  // Only what would hang: a slow machine is no fault of ours.
  if (performance.now() - startedMs > 30_000) fail('an attempt without an end');
  checkFields(verdict, 200);
  if (ENCODED !== '' && JSON.stringify(verdict).includes(ENCODED)) fail('the key is in a verdict');
  if (verdict.kind !== 'later' || verdict.retryAfterMs === null) return;
  const { retryAfterMs } = verdict;
  if (!(retryAfterMs >= 0 && retryAfterMs <= 300_000)) fail(`a pause of ${retryAfterMs} ms`);
}

/** Whatever is answered, one thing becomes of a letter. @returns how often it was sent */
async function checkLetter(post: ReturnType<typeof createPost>): Promise<number> {
  const ends: string[] = [];
  let tried = 0;
  let end = (what: string): void => void ends.push(what);
  const ended = new Promise<void>((resolve) => {
    end = (what) => {
      ends.push(what);
      resolve();
    };
  });
  const outbox = createOutbox(
    (letter, signal) => {
      tried += 1;
      return post(letter, signal);
    },
    {
      delivered: () => {
        end('delivered');
      },
      dropped: (_, loss, why) => {
        checkText('why a letter was dropped', why, 200);
        end(loss);
      },
      failing: (why) => {
        checkText('why the webhook fails', why, 200);
      },
      recovered: () => undefined,
    },
    LIMITS,
  );
  outbox.add(LETTER);
  await ended;
  await outbox.drain(DRAIN_MS);
  if (ends.length !== 1) fail(`ends of one letter: ${ends.join(', ')}`);
  if (tried > MAX_ATTEMPTS) fail(`${tried} attempts`);
  return tried;
}
