/** What the webhook of notifications answers. */
import type { CloudEvent } from '../../../src/contract/index.js';
import { createOutbox, createPost, keysFromText } from '../../../src/notifications/index.js';
import type { Post } from '../../../src/notifications/index.js';
import { answers, withAnswerServer } from '../server.js';
import type { Answer, AnswerServer } from '../server.js';
import { CANARIES, checkFields, checkText, fail } from '../surface.js';
import type { Surface } from '../surface.js';

const TIMEOUT_MS = 300;

const EVENT: CloudEvent = {
  ...{ specversion: '1.0', id: 'run-1:1', type: 'dcs-switchover.switchover.ended.v1' },
  ...{ source: '/namespaces/n/workflows/w/r', subject: 'dcs-switchover:p:i' },
  ...{ time: '2026-12-05T01:00:00.000Z', datacontenttype: 'application/json', data: {} },
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
    ...{ url: `${origin}${path}`, format: 'cloudevents', readKeys: keysFromText(SECRET) },
    ...{ userAgent: 'fuzz', timeoutMs: TIMEOUT_MS },
  });
  await checkAttempt(post);
  await checkOutbox(post);
  if (requests.length > 2) fail(`${requests.length} requests in 2 attempts`);
  for (const line of requests) if (line !== `POST ${path}`) fail(`asked for ${line}`);
}

/** One attempt ends in a verdict, in time. */
async function checkAttempt(post: Post): Promise<void> {
  const startedMs = performance.now();
  const verdict = await post(EVENT, new AbortController().signal);
  // Only what would hang: a slow machine is no fault of ours.
  if (performance.now() - startedMs > 30_000) fail('an attempt without an end');
  checkFields(verdict, 200);
  if (ENCODED !== '' && JSON.stringify(verdict).includes(ENCODED)) fail('the key is in a verdict');
  if (verdict.kind !== 'later' || verdict.retryAfterMs === null) return;
  const { retryAfterMs } = verdict;
  if (!(retryAfterMs >= 0 && retryAfterMs <= 300_000)) fail(`a pause of ${retryAfterMs} ms`);
}

/** Whatever is answered, one thing becomes of an event, after one attempt. */
async function checkOutbox(post: Post): Promise<void> {
  const ends: string[] = [];
  const outbox = createOutbox(post, (_, why) => {
    if (why !== null) checkText('why an event was missed', why, 200);
    ends.push(why ?? 'delivered');
  });
  outbox.add(EVENT);
  await outbox.drain(30_000);
  if (ends.length !== 1) fail(`ends of one event: ${ends.join(', ')}`);
}
