import { makeHexId } from '../ids.js';

/** The IAM side of the simulated account. */
export interface Account {
  /** The IAM user whom the own key and all tokens belong to. */
  readonly userName: string;
  /** Id of that user: `user_id` of task rows, `principal_id` of STS. */
  readonly userId: string;
  /** Id of the account: `account_id` of STS. */
  readonly accountId: string;
  readonly domainName: string;
  /** Password of the user. */
  readonly password: string;
  /** The one agency that may be assumed. */
  readonly agencyName: string;
  /** From now on only this password is right; tokens stay good. */
  setPassword(password: string): void;
  /** The id of a user by name: always the same one for a name, also for users that only swap. */
  userIdOf(userName: string): string;
}

/** How the simulated virtual machine answers for its own credentials. */
export interface MetadataSettings {
  /**
   * Tokens of the metadata service, version 2: `optional` = without one works as well, `required` =
   * without one is 401, `unavailable` = this version is not offered (404). @default "optional"
   */
  readonly tokens: 'optional' | 'required' | 'unavailable';
  /** The agency of the virtual machine; `null` = none is configured, which is 401. */
  readonly agencyName: string | null;
}

/** An account whose password can be changed. */
export function createAccount(
  initial: Omit<Account, 'setPassword' | 'userIdOf' | 'userId' | 'accountId'>,
): Account {
  let password = initial.password;
  const userId = makeHexId();
  const ids = new Map([[initial.userName, userId]]);
  return {
    ...initial,
    userId,
    accountId: makeHexId(),
    userIdOf: (userName) => {
      const id = ids.get(userName) ?? makeHexId();
      ids.set(userName, id);
      return id;
    },
    get password() {
      return password;
    },
    setPassword: (next) => {
      password = next;
    },
  };
}
