/** The IAM side of the simulated account. */
export interface Account {
  /** The IAM user whom the own key and all tokens belong to. */
  readonly userName: string;
  readonly domainName: string;
  /** Password of the user. */
  readonly password: string;
  /** The one agency that may be assumed. */
  readonly agencyName: string;
  /** From now on only this password is right; tokens stay good. */
  setPassword(password: string): void;
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
export function createAccount(initial: Omit<Account, 'setPassword'>): Account {
  let password = initial.password;
  return {
    ...initial,
    get password() {
      return password;
    },
    setPassword: (next) => {
      password = next;
    },
  };
}
