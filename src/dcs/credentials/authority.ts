/** Calls to whoever issues credentials: IAM, or the server's metadata service. */
import { withoutSecrets } from '../answer.js';
import { parseErrorBody } from '../error-body.js';
import { explainReason } from '../errors/connection-reasons.js';
import { DcsConfigurationError } from '../errors/dcs-configuration-error.js';
import { DcsCredentialsError } from '../errors/dcs-credentials-error.js';
import { HttpFailure, createHttp } from '../http.js';
import type { HttpResponse } from '../http.js';
import { createPool } from '../pool.js';
import type { Way } from '../way.js';

const MAX_RESPONSE_BYTES = 1_048_576;

/** A request to an authority. */
export interface AuthorityRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @default none */
  readonly body?: string;
  /** Values of the request that must not come back in an error's words. */
  readonly secrets: readonly string[];
}

/** Sends a request once. @throws DcsCredentialsError when no complete response comes in time */
export type AskAuthority = (request: AuthorityRequest) => Promise<HttpResponse>;

/** Where an authority is and how it is reached. */
export interface AuthorityOptions {
  /** For errors: `IAM at https://…`. */
  readonly name: string;
  readonly endpoint: URL;
  /** Asked at each call, so that a CA file may be exchanged. @throws DcsCredentialsError */
  readonly way: () => Promise<Way>;
  readonly timeoutMs: number;
}

/** A caller of one authority. */
export function createAuthority(options: AuthorityOptions): AskAuthority {
  const send = createHttp();
  const { name, endpoint, timeoutMs } = options;
  return async ({ method, path, headers, body, secrets }) => {
    const way = await wayOf(options);
    // Asked every few hours: a connection is not worth keeping.
    const agent = createPool(way, timeoutMs);
    try {
      const request = { method, path, headers, ...(body === undefined ? {} : { body }) };
      const response = await send({
        ...request,
        origin: endpoint.origin,
        agent,
        signal: AbortSignal.timeout(timeoutMs),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      // Only refusals are told to anybody. In what was issued a short password may stand by chance.
      return response.status > 299 ? withoutSecrets(response, secrets) : response;
    } catch (error) {
      throw new DcsCredentialsError(`${name} did not answer (${reasonOf(error, timeoutMs)}).`);
    } finally {
      agent.destroy();
    }
  };
}

async function wayOf({ name, way }: AuthorityOptions): Promise<Way> {
  try {
    return await way();
  } catch (error) {
    if (!(error instanceof DcsConfigurationError)) throw error;
    throw new DcsCredentialsError(`${name} was not asked: ${error.message}.`);
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof HttpFailure)) return 'unknown reason';
  if (error.isTooLarge) return 'larger than accepted';
  if (error.reason === 'ERR_CANCELED') return `nothing within ${timeoutMs} ms`;
  return explainReason(error.reason);
}

/** What an authority refused, in words: status, code, its own message, and what to do about it. */
export function refusal(
  name: string,
  { status, text }: HttpResponse,
  remedies: Readonly<Record<number, string>>,
): DcsCredentialsError {
  const error = parseErrorBody(text);
  // IAM's own code is the status once more.
  const code = error?.code === String(status) ? null : error?.code;
  const words = [status, code, error?.message].filter(Boolean).join(' ');
  const remedy = remedies[status];
  return new DcsCredentialsError(
    `${name} refused (${words})${remedy === undefined ? '.' : `: ${remedy}.`}`,
  );
}
