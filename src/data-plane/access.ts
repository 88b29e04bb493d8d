/** How Redis behind an instance is reached. */

/** One way to one Redis. Holds a secret: never to be reported. */
export interface DataPlaneAccess {
  readonly host: string;
  readonly port: number;
  /** `null`: the default user. */
  readonly username: string | null;
  /** `null`: no login. */
  readonly password: string | null;
  /** How a named user logs in: `AUTH user password`, or `AUTH user:password` as DCS documents it. */
  readonly login: 'acl' | 'password-argument';
  /** `null`: plain text. Else verified by `ca`, and for `serverName` where the host is not what the certificate names. */
  readonly tls: { readonly ca: string; readonly serverName: string | null } | null;
  /** Whoever logs in asks it first, and says how it went. @default every login may be tried */
  readonly logins?: LoginLimit;
}

/** Refused logins of one password at one address: after a few in a row none is tried. */
interface LoginLimit {
  readonly mayTry: () => boolean;
  /** Redis refused the login. */
  readonly refused: () => void;
  readonly accepted: () => void;
}
