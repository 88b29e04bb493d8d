import type { FaultBook } from '../faults/script.js';
import type { Gateway } from '../gateway/authentication.js';
import type { PermissionBook } from '../gateway/permissions.js';
import type { QuotaBook } from '../gateway/quota.js';
import type { SignedRequest } from '../gateway/signature.js';
import type { LedgerBook } from '../ledger.js';
import type { Service } from '../service/service.js';
import { toSignedRequest } from './call.js';
import type { Call } from './call.js';
import { API_ERRORS } from './refusal.js';
import type { ApiError } from './refusal.js';

/** What answers the calls. */
export interface Backend {
  readonly service: Service;
  readonly gateway: Gateway;
  readonly permissions: PermissionBook;
  readonly quotas: QuotaBook;
  readonly faults: FaultBook;
  readonly ledger: LedgerBook;
}

/** The gateway's part of a call whose body is `null` when too large; `null` when it passes the call on. */
export function admit(call: Call, body: Buffer | null, backend: Backend): ApiError | null {
  const { match, request } = call;
  if (body === null) return API_ERRORS.bodyTooLarge;
  if (match.isWrongMethod) return API_ERRORS.wrongMethod;
  if (match.route === 'unknown') return API_ERRORS.noSuchApi;
  return match.action === null && match.family !== 'sts'
    ? null
    : authorize(call, toSignedRequest(request, body), backend);
}

function authorize(
  { match, record }: Call,
  request: SignedRequest,
  { gateway, permissions, quotas, service }: Backend,
): ApiError | null {
  const identified = gateway.identify(request);
  if ('problem' in identified) return identified.problem;
  const { caller } = identified;
  record.user = caller.user;
  if (match.projectId !== null) {
    const named = [match.projectId, request.headers['x-project-id'] ?? match.projectId];
    const claimed = [...named, caller.projectId];
    const isOurs = claimed.every((projectId) => projectId === service.settings.projectId);
    if (!isOurs) return API_ERRORS.projectMismatch;
  }
  if (match.family === 'dcs') {
    const { route } = match;
    const spent = quotas.take({ method: record.method, route, user: caller.user });
    if (spent !== null) return spent;
  }
  return match.action === null ? null : permissions.check(caller, match.action, match.family);
}
