import type { ApiError } from '../http/refusal.js';
import type { RouteFamily } from '../http/routes.js';
import type { Caller, CredentialKind } from '../identity/keyring.js';

/** What the callers may not do. */
export interface Permissions {
  /**
   * Denies IAM actions, like `dcs:job:get`; `*` stands for any text, as in `dcs:instance:*`.
   *
   * @param credential only for callers with this kind of credential. @default all
   */
  deny(actions: readonly string[], credential?: CredentialKind): void;
  /** Denies nothing any more. */
  allowAll(): void;
}

/** The permissions as the HTTP server uses them. */
export interface PermissionBook extends Permissions {
  /** The 403 for an action that the caller may not perform, else `null`. */
  check(caller: Caller, action: string, family: RouteFamily): ApiError | null;
}

interface Denial {
  readonly pattern: RegExp;
  readonly credential: CredentialKind | null;
}

/** Permissions that deny the given actions to everybody. */
export function createPermissions(denied: readonly string[]): PermissionBook {
  const denials: Denial[] = [];
  const deny: Permissions['deny'] = (actions, credential) => {
    denials.push(
      ...actions.map((action) => ({ pattern: globOf(action), credential: credential ?? null })),
    );
  };
  deny(denied);
  return {
    deny,
    allowAll: () => {
      denials.length = 0;
    },
    check: (caller, action, family) =>
      denials.some(
        ({ pattern, credential }) =>
          pattern.test(action) && (credential ?? caller.credential) === caller.credential,
      )
        ? refusal(action, family)
        : null,
  };
}

function globOf(action: string): RegExp {
  const escaped = action.split('*').map((part) => part.replace(/[^\w:-]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`);
}

function refusal(action: string, family: RouteFamily): ApiError {
  if (family === 'iam') {
    const message = `You are not authorized to perform the requested action: ${action}`;
    return { status: 403, shape: 'iam', code: '403', message };
  }
  const message = `Policy does not allow ${action} to be performed.`;
  return { status: 403, shape: 'dcs', code: 'DCS.2007', message };
}
