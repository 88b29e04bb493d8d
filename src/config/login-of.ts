import type { CredentialSettings } from '../dcs/index.js';

/** Who logs in with these settings, to tell him from another: a user is the same whichever project his token is for. */
export function loginOf(settings: CredentialSettings): string {
  return JSON.stringify(settings, (name, value: unknown) =>
    name === 'projectId' ? undefined : value,
  );
}
