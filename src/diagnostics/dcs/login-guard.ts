import { loginOf } from '../../config/index.js';
import type { CredentialSettings } from '../../dcs/index.js';

/** Refused logins that one run of the diagnostics may cause; five in a row lock a key for everybody. */
const MAX_REFUSED_LOGINS = 2;

/** Keeps count of refused logins over all projects. */
export interface LoginGuard {
  /** Why no further login may be tried with these settings; `null`: it may. */
  readonly refusal: (settings: CredentialSettings) => string | null;
  readonly remember: (settings: CredentialSettings) => void;
}

/** Two projects with the same settings have the same key, so its refusal counts for both. */
export function createLoginGuard(): LoginGuard {
  const refused: string[] = [];
  return {
    refusal: (settings) => {
      if (refused.includes(loginOf(settings)))
        return 'the same credential was refused for another project; five failures lock a key';
      return refused.length >= MAX_REFUSED_LOGINS
        ? `${MAX_REFUSED_LOGINS} logins were refused already; five failures lock a key`
        : null;
    },
    remember: (settings) => {
      refused.push(loginOf(settings));
    },
  };
}
