/** How Redis behind an instance is reached, and where the worker's settings say so. */
import type { InstanceAddress } from '../domain/facts.js';
import type { InstanceRule, PolicySubject } from '../domain/policy.js';

/** How a named user logs in: `AUTH user password`, or `AUTH user:password` as DCS documents it. */
export const LOGIN_STYLES = ['acl', 'password-argument'] as const;

/** One of {@link LOGIN_STYLES}. */
type LoginStyle = (typeof LOGIN_STYLES)[number];

/** One way to one Redis. Holds a secret: never to be reported. */
export interface DataPlaneAccess {
  /** An address, already judged; never a name that could lead elsewhere by now. */
  readonly host: string;
  readonly port: number;
  /** `null`: the default user. */
  readonly username: string | null;
  /** `null`: no login. */
  readonly password: string | null;
  readonly login: LoginStyle;
  /** `null`: plain text. Else verified by `ca`, and for `serverName` where the host is not what the certificate names. */
  readonly tls: { readonly ca: string; readonly serverName: string | null } | null;
  /** Whoever logs in asks it first, and says how it went. @default every login may be tried */
  readonly logins?: LoginLimit;
}

/** Such as `10.0.0.7:6379`, or `[fd00::7]:6379`. */
export function addressOf({ host, port }: Pick<DataPlaneAccess, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Logins with one password at one address: after a few in a row that Redis has refused none is tried. */
export interface LoginLimit {
  /** `wait`: as many are in flight as may still be refused. */
  readonly mayTry: () => 'yes' | 'wait' | 'no';
  /** Redis has refused it when it was last tried. */
  readonly isRefused: () => boolean;
  /** One begins, and takes a place until the function that it gives is called, once, with how it ended. */
  readonly begin: () => (how: LoginEnd) => void;
}

/** How a login ended. `unanswered`: Redis may have refused it. `unjudged`: it did not leave, or Redis could not say. */
export type LoginEnd = 'accepted' | 'refused' | 'unanswered' | 'unjudged';

/** What the settings offer for one instance. */
export interface DataPlaneOffer {
  readonly access: DataPlaneAccess;
  /** `password`: whoever accepts the password is this instance. `none`: anyone would answer, or any of its servers. */
  readonly binding: 'password' | 'none';
  readonly measure: MeasureSettings;
}

/** How a measurement is made. */
interface MeasureSettings {
  readonly periodMs: number;
  /** Whether test writes are sent; without, reads alone. */
  readonly write: boolean;
}

/** What of an instance decides how its Redis is reached. */
interface DataPlaneSubject extends PolicySubject {
  /** Absent: not shown. */
  readonly address?: InstanceAddress;
}

/** The Redis behind the instances of a project; reads its files at each use. */
export interface DataPlaneSource {
  /** Whether a rule asks for tags before it can say whether it names this instance. */
  readonly asksForTags: (instance: Omit<PolicySubject, 'tags'>) => boolean;
  /**
   * How an instance is reached, by the first entry that names it. `null`: none does. `why`: one does or may, and
   * cannot be used, in plain words without a secret. Never throws.
   */
  readonly offerFor: (
    instance: DataPlaneSubject,
  ) => Promise<DataPlaneOffer | { readonly why: string } | null>;
}

/** An entry of `projects[].dataPlane`, with its defaults. Free of secrets: it names files. */
export interface DataPlaneSettings {
  readonly match: InstanceRule;
  readonly usernameFile: string | null;
  readonly passwordFile: string | null;
  readonly login: LoginStyle;
  readonly tls: { readonly caFile: string; readonly serverName: string | null } | null;
  /** `null`: as the instance's page shows it. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** CIDR blocks to which a password may leave; `null`: private ones and loopback, or wherever `address` leads. */
  readonly allowedNetworks: readonly string[] | null;
  readonly measure: MeasureSettings;
}
