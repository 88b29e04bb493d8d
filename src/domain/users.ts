/** Whether the user of a task row is ours. Pure; without proof it is not known. */
import type { Whose } from './reports.js';

/** A user as task rows name one; `null` where they do not say. */
export interface CloudUser {
  readonly userId: string | null;
  readonly userName: string | null;
}

/** The user whom task rows show for our swaps, and who says so. */
interface ShownUser extends CloudUser {
  /** `row`: the row of a job that our PUT was answered with; `sts`: the answer of STS, which rows need not repeat. */
  readonly by: 'row' | 'sts';
}

/** What is known of the user whom task rows show for our swaps. */
export interface KnownUsers {
  /** By the worker's settings. */
  readonly configuredName: string | null;
  readonly shown: ShownUser | null;
}

/** No one knows whose work is whose. */
export const NO_KNOWN_USERS: KnownUsers = { configuredName: null, shown: null };

/** Whose user a row shows. What settings and evidence say has to agree. */
export function whoseUser(row: CloudUser, { configuredName, shown }: KnownUsers): Whose {
  const verdicts = [
    compareNames(row.userName, configuredName),
    shown === null ? 'unknown' : compareUsers(row, shown),
  ].filter((verdict) => verdict !== 'unknown');
  const [first = 'unknown', ...others] = verdicts;
  return first !== 'contradictory' && others.every((verdict) => verdict === first)
    ? first
    : 'unknown';
}

/**
 * The id decides where both are known. That rows show the id that STS reports is likely, not documented, and temporary
 * keys may have one of their own: our name with another id is neither ours nor another's, unless a row of ours has
 * shown its id.
 */
function compareUsers(row: CloudUser, known: ShownUser): Whose | 'contradictory' {
  if (row.userId === null || known.userId === null)
    return compareNames(row.userName, known.userName);
  if (row.userId.toLowerCase() === known.userId.toLowerCase()) return 'ours';
  const isOfOurName = compareNames(row.userName, known.userName) !== 'other';
  return known.by === 'sts' && isOfOurName ? 'contradictory' : 'other';
}

/** Names that differ in case alone may be of one user or of two. */
function compareNames(name: string | null, known: string | null): Whose {
  if (name === null || known === null) return 'unknown';
  if (name === known) return 'ours';
  return name.toLowerCase() === known.toLowerCase() ? 'unknown' : 'other';
}
