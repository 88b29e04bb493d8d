import { duration, makeAccessKey, makeHexId, makePassword, makeSecretKey } from './basics.js';
import type { QuotaSpec } from './gateway/quota.js';
import { resolveHabits, withoutUndefined } from './habits.js';
import type { Habits } from './habits.js';
import { createAccount } from './identity/account.js';
import type { Account, IssuedKeys, MetadataSettings } from './identity/account.js';
import type { InstanceSpec } from './instance-spec.js';

/** How long a swap takes, in milliseconds from its acceptance. */
export interface SwapTiming {
  /** Time in INIT. @default 300 */
  readonly jobInitMs: number;
  /** Time from RUNNING to the end. @default 2700, so that a job takes 3 s like the documented sample */
  readonly jobRunMs: number;
  /** When the roles change; kept within the time of RUNNING. @default 60 % of the job's time */
  readonly rolesFlipAtMs: number | null;
}

/** Options of `startSimulator`. */
export interface SimulatorOptions {
  /** 0 = any free one. @default 0 */
  readonly port?: number;
  /** @default invented again at each start */
  readonly projectId?: string;
  /** @default "xx-simulated-1" */
  readonly region?: string;
  /** @default invented again at each start */
  readonly accessKey?: string;
  /** @default invented again at each start */
  readonly secretKey?: string;
  /** Set: the keys are temporary, and every request must carry this token. @default null */
  readonly securityToken?: string | null;
  /** How the service does what no one knows for certain; an instance may have habits of its own. */
  readonly habits?: Partial<Habits>;
  /** @default one `ha` instance with two nodes in two availability zones */
  readonly instances?: readonly InstanceSpec[];
  /** A `redis-server` or `valkey-server` ≥ 6.2 to put behind the API; null: roles in memory. @default null */
  readonly redisServerPath?: string | null;
  readonly timing?: {
    readonly jobInitMs?: number;
    readonly jobRunMs?: number;
    readonly rolesFlipAtMs?: number;
    /** The habit of this name. */
    readonly taskRowDelayMs?: number;
  };
  /** IAM user of the keys and tokens, shown in the task rows of swaps made with them. @default "simulated-user" */
  readonly userName?: string;
  /** Password of that user, for tokens. @default invented again at each start */
  readonly password?: string;
  /** The account that the user and the agency belong to. @default "simulated-domain" */
  readonly domainName?: string;
  /** The agency that may be assumed. @default "simulated-agency" */
  readonly agencyName?: string;
  /** Validity of an IAM token. @default 86400 */
  readonly tokenLifetimeSeconds?: number;
  /** Validity of a temporary key, whatever was asked for; null: as asked, from the metadata service a day. @default null */
  readonly temporaryKeyLifetimeSeconds?: number | null;
  /** @default `{ tokens: 'optional', agencyName: 'simulated-ecs-agency' }` */
  readonly metadata?: Partial<MetadataSettings>;
  /** IAM actions that no one may perform, like `dcs:job:get`; `*` stands for any text. @default none */
  readonly deny?: readonly string[];
  /** How many calls the gateway passes on per window. @default unlimited */
  readonly quota?: QuotaSpec;
  /** How far the service's clock is ahead of this machine's; negative = behind. @default 0 */
  readonly clockOffsetMs?: number;
  /** Key and certificate (PEM) to serve https instead of http. @default null */
  readonly tls?: TlsIdentity | null;
}

/** A key and its certificate, PEM. */
export interface TlsIdentity {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

/** Options that become something else, such as the credentials or the account. */
type Rewritten =
  | ('accessKey' | 'secretKey' | 'securityToken')
  | ('userName' | 'password' | 'domainName' | 'agencyName')
  | ('timing' | 'habits' | 'metadata');

/** Options with every default filled in. */
export interface Settings extends Required<Omit<SimulatorOptions, Rewritten>> {
  readonly credentials: IssuedKeys;
  readonly timing: SwapTiming;
  readonly habits: Habits;
  readonly account: Account;
  readonly metadata: MetadataSettings;
}

/** Validity of an IAM token (IAM, obtaining a user token). */
const DAY_SECONDS = 86_400;

const DEFAULT_METADATA: MetadataSettings = {
  tokens: 'optional',
  agencyName: 'simulated-ecs-agency',
};

const DEFAULT_TIMING: SwapTiming = {
  jobInitMs: 300,
  jobRunMs: 2700,
  rolesFlipAtMs: null,
};

const DEFAULTS = {
  port: 0,
  region: 'xx-simulated-1',
  securityToken: null,
  instances: [{}],
  redisServerPath: null,
  userName: 'simulated-user',
  domainName: 'simulated-domain',
  agencyName: 'simulated-agency',
  tokenLifetimeSeconds: DAY_SECONDS,
  temporaryKeyLifetimeSeconds: null,
  deny: [],
  quota: {},
  clockOffsetMs: 0,
  tls: null,
} as const satisfies SimulatorOptions;

/** @throws Error that names a timing that is not a duration, or a wrong habit */
export function resolveOptions(options: SimulatorOptions): Settings {
  for (const [name, value] of Object.entries(options.timing ?? {})) {
    const problem = duration(value, `timing.${name}`);
    if (problem !== null) throw new Error(problem);
  }
  const { timing: { taskRowDelayMs, ...timing } = {}, habits, metadata, ...given } = options;
  const { accessKey, secretKey, securityToken, ...further } = {
    ...{ projectId: makeHexId(), accessKey: makeAccessKey(), secretKey: makeSecretKey() },
    ...{ ...DEFAULTS, password: makePassword(), ...withoutUndefined(given) },
  };
  const { userName, domainName, password, agencyName, ...rest } = further;
  return {
    ...rest,
    credentials: { accessKey, secretKey, securityToken },
    account: createAccount({ userName, domainName, password, agencyName }),
    timing: { ...DEFAULT_TIMING, ...timing },
    habits: resolveHabits({
      ...(taskRowDelayMs === undefined ? {} : { taskRowDelayMs }),
      ...habits,
    }),
    metadata: { ...DEFAULT_METADATA, ...metadata },
  };
}
