/** Whether the user of a task row is ours. Pure; in doubt nobody knows. */

/** A user as task rows name one; `null` where they do not say. */
export interface CloudUser {
  readonly userId: string | null;
  readonly userName: string | null;
}

/** What is known of the user whom task rows show for our swaps. */
export interface KnownUsers {
  /** By the worker's settings. */
  readonly configuredName: string | null;
  /** Learnt from the row of a job that our PUT was answered with, else by the word of STS. */
  readonly shown: CloudUser | null;
}

/** `ours` and `other` are known; `unknown`: nothing proves either. */
export type Whose = 'ours' | 'other' | 'unknown';

/** Nobody knows whose work is whose. */
export const NO_KNOWN_USERS: KnownUsers = { configuredName: null, shown: null };

/** Whose user a row shows. What settings and evidence say has to agree. */
export function whoseUser(row: CloudUser, { configuredName, shown }: KnownUsers): Whose {
  const verdicts = [
    compareNames(row.userName, configuredName),
    shown === null ? 'unknown' : compareUsers(row, shown),
  ].filter((verdict) => verdict !== 'unknown');
  const [first = 'unknown', ...others] = verdicts;
  return others.every((verdict) => verdict === first) ? first : 'unknown';
}

/** The id decides where both are known: another account may have a user of the same name. */
function compareUsers(row: CloudUser, known: CloudUser): Whose {
  if (row.userId === null || known.userId === null)
    return compareNames(row.userName, known.userName);
  return row.userId.toLowerCase() === known.userId.toLowerCase() ? 'ours' : 'other';
}

/** Names that differ in case alone may be of one user or of two. */
function compareNames(name: string | null, known: string | null): Whose {
  if (name === null || known === null) return 'unknown';
  if (name === known) return 'ours';
  return name.toLowerCase() === known.toLowerCase() ? 'unknown' : 'other';
}
