import {
  duration,
  expect,
  isPlainObject,
  isWhole,
  listOf,
  makeAccessKey,
  makeHexId,
  makePassword,
  makeSecretKey,
  makeToken,
  oneOf,
  shapeOf,
  text,
} from './basics.js';
import type { SpecCheck } from './basics.js';
import type { QuotaSpec } from './gateway/quota.js';
import { instanceHabits, resolveHabits, withoutUndefined } from './habits.js';
import type { Habits, InstanceHabits } from './habits.js';
import { createAccount } from './identity/account.js';
import type { Account, IssuedKeys, MetadataSettings } from './identity/account.js';
import { redisSpec } from './redis/access.js';
import type { RedisSpec, TlsIdentity } from './redis/access.js';

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
  /** For each Redis server, by its port: the port that its commands go to, such as that of a proxy that fails. @default its own */
  readonly redisWay?: ((port: number) => Promise<number>) | null;
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
  /** The identity provider whose ID tokens are accepted. @default "simulated-idp" */
  readonly idpId?: string;
  /** Token of the service account that has the agency as its pod identity; an ID token too. @default invented again at each start */
  readonly serviceAccountToken?: string;
  /** Validity of an IAM token. @default 86400 */
  readonly tokenLifetimeSeconds?: number;
  /** Validity of a temporary key, whatever was asked for; null: as asked, from the metadata service a day, from the pod identity agent 6 h. @default null */
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

/** Options that become something else, such as the credentials or the account. */
type Rewritten =
  | ('accessKey' | 'secretKey' | 'securityToken')
  | ('userName' | 'password' | 'domainName' | 'agencyName')
  | ('idpId' | 'serviceAccountToken')
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
  redisWay: null,
  userName: 'simulated-user',
  domainName: 'simulated-domain',
  agencyName: 'simulated-agency',
  idpId: 'simulated-idp',
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
    ...{ ...DEFAULTS, password: makePassword(), serviceAccountToken: makeToken() },
    ...withoutUndefined(given),
  };
  const { userName, domainName, password, agencyName, ...others } = further;
  const { idpId, serviceAccountToken, ...rest } = others;
  const user = { userName, domainName, password };
  return {
    ...rest,
    credentials: { accessKey, secretKey, securityToken },
    account: createAccount({ ...user, agencyName, idpId, serviceAccountToken }),
    timing: { ...DEFAULT_TIMING, ...timing },
    habits: resolveHabits({
      ...(taskRowDelayMs === undefined ? {} : { taskRowDelayMs }),
      ...habits,
    }),
    metadata: { ...DEFAULT_METADATA, ...metadata },
  };
}

/** One node of an instance to create. */
export interface NodeSpec {
  readonly availabilityZone: string;
  /** Promotion priority: 0 = never, 1 = first, 100 = last. @default 100 */
  readonly priority?: number;
  /** `Active` or `Inactive`. @default "Active" */
  readonly status?: string;
}

/** A tag of an instance. */
export interface InstanceTag {
  readonly key: string;
  readonly value: string;
}

/** An instance to create. */
export interface InstanceSpec {
  /** @default a new UUID */
  readonly instanceId?: string;
  /** @default "dcs-" and the beginning of the id */
  readonly name?: string;
  /** `single`, `ha`, `cluster`, `proxy` or `ha_rw_split`. @default "ha" */
  readonly cacheMode?: string;
  /** @default "Redis" */
  readonly engine?: string;
  /** @default "6.0" */
  readonly engineVersion?: string;
  /** @default none */
  readonly tags?: readonly InstanceTag[];
  /** Maintenance window, `HH:mm:ss` UTC. @default "18:00:00" */
  readonly maintainBegin?: string;
  /** @default "19:00:00" */
  readonly maintainEnd?: string;
  /** @default "RUNNING" */
  readonly status?: string;
  /** @default the simulator's */
  readonly habits?: Partial<InstanceHabits>;
  /** Passwords, users and TLS of its Redis. @default everybody is let in, in the clear */
  readonly redis?: RedisSpec;
  /** The first is the master. @default two nodes in two availability zones */
  readonly nodes?: readonly NodeSpec[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const matching = (what: string, pattern: RegExp): SpecCheck =>
  expect(what, (value) => typeof value === 'string' && pattern.test(value));

const timeOfDay = matching('a time of day like 18:00:00', /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);

const TAG: Record<keyof InstanceTag, SpecCheck> = { key: text, value: text };

const NODE: Record<keyof NodeSpec, SpecCheck> = {
  availabilityZone: matching('a word', /^\S+$/),
  priority: expect('a whole number from 0 to 100', (value) => {
    return isWhole(value, 0) && Number(value) <= 100;
  }),
  status: oneOf(['Active', 'Inactive']),
};

const INSTANCE: Record<keyof InstanceSpec, SpecCheck> = {
  instanceId: matching('a UUID in lower case', UUID),
  name: text,
  cacheMode: oneOf(['single', 'ha', 'cluster', 'proxy', 'ha_rw_split']),
  engine: text,
  engineVersion: text,
  tags: listOf(shapeOf(TAG, ['key', 'value'])),
  maintainBegin: timeOfDay,
  maintainEnd: timeOfDay,
  status: matching('a word', /^\S+$/),
  habits: instanceHabits,
  redis: redisSpec,
  nodes: listOf(shapeOf(NODE, ['availabilityZone'])),
};

const checkInstance = shapeOf(INSTANCE);

/** @throws Error that names the unknown or wrong field */
export function assertInstanceSpec(spec: unknown, name = 'instance'): asserts spec is InstanceSpec {
  const problem = checkInstance(spec, name);
  if (problem !== null) throw new Error(problem);
}

/**
 * The instances of a parsed file: an array, or an object with the array `instances`.
 *
 * @throws Error that names the entry and its field, as in `instances[1].nodes[0].priority`
 */
export function parseInstances(value: unknown): readonly InstanceSpec[] {
  const list = isPlainObject(value) ? value['instances'] : value;
  if (!Array.isArray(list)) throw new Error('Instances are an array, or {"instances": […]}.');
  return list.map((spec: unknown, index) => {
    assertInstanceSpec(spec, `instances[${String(index)}]`);
    return spec;
  });
}

/** The nodes of an instance whose specification names none. */
export function defaultNodes(region: string, cacheMode: string): readonly NodeSpec[] {
  const master = { availabilityZone: `${region}a` };
  return cacheMode === 'single' ? [master] : [master, { availabilityZone: `${region}b` }];
}
