import { requestIdOf } from './answer.js';
import type { CallFacts } from './answer.js';
import type { HttpResponse } from './http.js';
import { sanitise } from './sanitise.js';

/** One HTTP attempt and what came of it; free of secrets. */
export interface Exchange {
  /** Name of the client's operation, such as `showInstance`. */
  readonly operation: string;
  readonly method: 'GET' | 'PUT';
  /** Path template, without ids. */
  readonly route: string;
  /** `null` when no response came. */
  readonly status: number | null;
  readonly requestId: string | null;
  /**
   * From the attempt's beginning, waiting for a turn or a credential included; of the PUT from the moment its
   * connection stood and it was to be sent.
   */
  readonly durationMs: number;
  /** The response's headers that tell something and hide nothing, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response's body as text, without our secrets; `null` when none was read. */
  readonly body: string | null;
  /** The words of the error that the attempt ended with. */
  readonly error: string | null;
}

/** Who is told; what it throws is ignored. */
export type OnExchange = (exchange: Exchange) => void;

const TOLD_HEADERS = ['content-type', 'date', 'retry-after', 'server', 'x-request-id'];

/** Runs one attempt and tells of it, however it ends. The attempt calls `saw` with what came back. */
export async function observe<T>(
  onExchange: OnExchange | undefined,
  { operation, method, route }: CallFacts,
  attempt: (saw: (response: HttpResponse) => void) => Promise<T>,
): Promise<T> {
  const startedAtMs = performance.now();
  let response: HttpResponse | null = null;
  let error: string | null = null;
  try {
    return await attempt((seen) => {
      response = seen;
    });
  } catch (failure) {
    error = wordsOf(failure);
    throw failure;
  } finally {
    const durationMs = performance.now() - startedAtMs;
    tell(onExchange, { operation, method, route, durationMs, error, ...toldOf(response) });
  }
}

/** Runs what comes before an attempt, and tells of it where it fails: then it is all that there is of the attempt. */
export async function observeStart<T>(
  onExchange: OnExchange | undefined,
  { operation, method, route }: CallFacts,
  start: () => Promise<T>,
): Promise<T> {
  const startedAtMs = performance.now();
  try {
    return await start();
  } catch (failure) {
    const durationMs = performance.now() - startedAtMs;
    const error = wordsOf(failure);
    tell(onExchange, { operation, method, route, durationMs, error, ...toldOf(null) });
    throw failure;
  }
}

/** Whoever looks on must not be able to turn an accepted PUT into a failed one. */
function tell(onExchange: OnExchange | undefined, exchange: Exchange): void {
  try {
    onExchange?.(exchange);
  } catch {
    // Deliberately nothing: there is nobody to tell.
  }
}

function toldOf(
  response: HttpResponse | null,
): Pick<Exchange, 'status' | 'requestId' | 'headers' | 'body'> {
  if (response === null) return { status: null, requestId: null, headers: {}, body: null };
  const headers = TOLD_HEADERS.flatMap((name) => {
    const value = response.headers[name];
    return value === undefined ? [] : [[name, sanitise(value)] as const];
  });
  return {
    status: response.status,
    requestId: requestIdOf(response),
    headers: Object.fromEntries(headers),
    body: response.text,
  };
}

/** Errors of our own are sanitised; of others, such as a caller's reason to abort, the name must do. */
function wordsOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown error';
  return failure.name.startsWith('Dcs') ? failure.message : failure.name;
}
