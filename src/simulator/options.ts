import { duration } from './faults/validation.js';
import type { Credentials } from './gateway/authentication.js';
import { makeAccessKey, makeHexId, makeSecretKey } from './ids.js';

/** One node of an instance to create. */
export interface NodeSpec {
  readonly availabilityZone: string;
  /** Promotion priority: 0 = never, 1 = first, 100 = last. @default 100 */
  readonly priority?: number;
  /** `Active` or `Inactive`. @default "Active" */
  readonly status?: string;
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
  /** @default "RUNNING" */
  readonly status?: string;
  /** The first is the master. @default two nodes in two availability zones */
  readonly nodes?: readonly NodeSpec[];
}

/** How long a swap takes, in milliseconds from its acceptance. */
export interface SwapTiming {
  /** Time in INIT. @default 300 */
  readonly jobInitMs: number;
  /** Time from RUNNING to the end. @default 2700, so that a job takes 3 s like the documented sample */
  readonly jobRunMs: number;
  /** When the roles change; kept within the time of RUNNING. @default 60 % of the job's time */
  readonly rolesFlipAtMs: number | null;
  /** When the task row appears. @default 0 */
  readonly taskRowDelayMs: number;
}

/** Options of `startSimulator`. */
export interface SimulatorOptions {
  /** 0 = any free one. @default 0 */
  readonly port?: number;
  /** @default invented anew at each start */
  readonly projectId?: string;
  /** @default "xx-simulated-1" */
  readonly region?: string;
  /** @default invented anew at each start */
  readonly accessKey?: string;
  /** @default invented anew at each start */
  readonly secretKey?: string;
  /** Set: the keys are temporary, and every request must carry this token. @default null */
  readonly securityToken?: string | null;
  /** @default one `ha` instance with two nodes in two availability zones */
  readonly instances?: readonly InstanceSpec[];
  /** A `redis-server` or `valkey-server` ≥ 6.2 to put behind the API; null: roles in memory. @default null */
  readonly redisServerPath?: string | null;
  readonly timing?: {
    readonly jobInitMs?: number;
    readonly jobRunMs?: number;
    readonly rolesFlipAtMs?: number;
    readonly taskRowDelayMs?: number;
  };
  /** User of the keys, shown in the task rows of swaps made through the API. @default "simulated-user" */
  readonly userName?: string;
}

/** Options with every default filled in. */
export interface Settings {
  readonly port: number;
  readonly projectId: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly instances: readonly InstanceSpec[];
  readonly redisServerPath: string | null;
  readonly timing: SwapTiming;
  readonly userName: string;
}

const DEFAULT_TIMING: SwapTiming = {
  jobInitMs: 300,
  jobRunMs: 2700,
  rolesFlipAtMs: null,
  taskRowDelayMs: 0,
};

/** @throws Error that names a timing that is not a duration */
export function resolveOptions(options: SimulatorOptions): Settings {
  for (const [name, value] of Object.entries(options.timing ?? {})) {
    const problem = duration(value, `timing.${name}`);
    if (problem !== null) throw new Error(problem);
  }
  return {
    port: options.port ?? 0,
    projectId: options.projectId ?? makeHexId(),
    region: options.region ?? 'xx-simulated-1',
    credentials: resolveCredentials(options),
    instances: options.instances ?? [{}],
    redisServerPath: options.redisServerPath ?? null,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    userName: options.userName ?? 'simulated-user',
  };
}

function resolveCredentials(options: SimulatorOptions): Credentials {
  return {
    accessKey: options.accessKey ?? makeAccessKey(),
    secretKey: options.secretKey ?? makeSecretKey(),
    securityToken: options.securityToken ?? null,
  };
}

/** The nodes of an instance whose specification names none. */
export function defaultNodes(region: string, cacheMode: string): readonly NodeSpec[] {
  const master = { availabilityZone: `${region}a` };
  return cacheMode === 'single' ? [master] : [master, { availabilityZone: `${region}b` }];
}
