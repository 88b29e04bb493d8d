import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

/** Longest question, in milliseconds: below the timeout of a usual readiness probe. */
const PROBE_TIMEOUT_MS = 2_000;

/** How long an answer counts, in milliseconds. */
const CACHE_MS = 3_000;

/** Names of the gRPC status codes that tell more than "no answer". */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  5: 'does not know the namespace',
  7: 'denies access to the namespace',
  8: 'is throttling this namespace',
  16: 'refuses the credentials',
};

/**
 * Asks Temporal for the worker's namespace: at most once in a few seconds, one question at a time,
 * each with a deadline.
 *
 * @returns a function giving `null` when it answers, else why not
 */
export function createTemporalProbe(
  client: Client,
  { cacheMs = CACHE_MS, timeoutMs = PROBE_TIMEOUT_MS } = {},
): () => Promise<string | null> {
  let latest: { readonly askedAtMs: number; readonly answer: Promise<string | null> } | undefined;
  return () => {
    const nowMs = performance.now();
    if (latest === undefined || nowMs - latest.askedAtMs > Math.max(cacheMs, timeoutMs))
      latest = { askedAtMs: nowMs, answer: ask(client, timeoutMs) };
    return latest.answer;
  };
}

async function ask(client: Client, timeoutMs: number): Promise<string | null> {
  const { namespace } = client.options;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'Temporal does not answer in time');
  });
  const question = client
    .withDeadline(Date.now() + timeoutMs, () =>
      client.workflowService.describeNamespace({ namespace }),
    )
    .then(() => null, describeFailure);
  const answer = await Promise.race([question, tooLate]);
  clearTimeout(timer);
  return answer;
}

/** Only the status: texts of errors may name what is nobody's business. */
function describeFailure(error: unknown): string {
  const code = isGrpcServiceError(error) ? error.code : -1;
  return `Temporal ${STATUS_WORDS[code] ?? 'does not answer'}`;
}
