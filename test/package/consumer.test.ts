/**
 * The package as its users get it: packed, put into a fresh project outside of the repository, compiled
 * against its types and run, with the SDK that it is built with and with the oldest one that it admits. Only what
 * its package.json declares can be resolved there.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { useTemporalServer } from '../support/temporal-server.js';

jest.setTimeout(600_000);

const ROOT = path.join(__dirname, '../..');
const server = useTemporalServer();

/** A whole switchover takes seconds, the bundles of another SDK some more; a loaded machine gets the rest. */
const RUN_TIMEOUT_MS = 300_000;

/** Where a project has the SDK from. */
const SDKS = {
  'the pinned SDK': () => path.join(ROOT, 'node_modules'),
  'the oldest SDK': () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a script, not a module
    const { prepareOldestSdk } = require('../../scripts/prepare-oldest-sdk.cjs') as {
      prepareOldestSdk: () => string;
    };
    return prepareOldestSdk();
  },
};

const run = promisify(execFile);

let folder: string;

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
}

function readManifest(folder_: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder_, 'package.json'), 'utf8')) as Manifest;
}

/** Packs what was built; gives the tarball. */
function pack(): string {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const output = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  return path.join(folder, filename);
}

/** A project with the tarball unpacked, and beside it the declared dependencies and nothing else. */
function createProject(sdk: keyof typeof SDKS, type: 'module' | 'commonjs'): string {
  const project = path.join(folder, `${sdk} ${type}`);
  const installed = path.join(project, 'node_modules/dcs-switchover');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const { dependencies, peerDependencies } = readManifest(installed);
  const link = (name: string, modules: string): void => {
    const file = path.join(project, 'node_modules', name);
    mkdirSync(path.dirname(file), { recursive: true });
    symlinkSync(path.join(modules, name), file);
  };
  for (const name of [...Object.keys(dependencies), '@types/node'])
    link(name, path.join(ROOT, 'node_modules'));
  // What makes traces is optional, and left out.
  const sdkPackages = Object.keys(peerDependencies).filter(
    (name) => !name.includes('opentelemetry'),
  );
  for (const name of sdkPackages) link(name, SDKS[sdk]());
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'consumer', type }));
  copyFileSync(path.join(__dirname, 'consumer/main.ts'), path.join(project, 'main.ts'));
  const compilerOptions = {
    ...{ module: 'node16', target: 'es2022', strict: true, skipLibCheck: true },
    ...{ types: ['node'], outDir: 'out', rootDir: '.' },
  };
  const examples = ['service.ts', 'run-maintenance.ts'];
  for (const name of examples)
    copyFileSync(path.join(installed, 'examples/typescript', name), path.join(project, name));
  const files = ['main.ts', ...examples, ...writeDocumentedExamples(project)];
  const config = { compilerOptions, files };
  writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify(config));
  return project;
}

/** The TypeScript of README and docs/embedding.md, each block a file: what users copy must compile. */
function writeDocumentedExamples(project: string): string[] {
  const pages = ['README.md', 'docs/embedding.md'].map((file) => path.join(ROOT, file));
  const text = pages.map((file) => readFileSync(file, 'utf8')).join('\n');
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  if (blocks.length < 3) throw new Error('the pages have lost their examples');
  return blocks.map((code, index) => {
    const file = `documented-${String(index + 1)}.ts`;
    writeFileSync(path.join(project, file), code);
    return file;
  });
}

let tarball: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-consumer-'));
  tarball = pack();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a project that has installed the package', () => {
  test.concurrent.each([
    ['the pinned SDK', 'module'],
    ['the pinned SDK', 'commonjs'],
    ['the oldest SDK', 'module'],
  ] as const)(
    'with %s, as %s: compiles, and runs a switchover and a maintenance in a worker of its own; unbound it sends nothing',
    async (sdk, type) => {
      const project = createProject(sdk, type);
      const tsc = createRequire(__filename).resolve('typescript/bin/tsc');
      await run(process.execPath, [tsc, '-p', project]);
      const options = { cwd: project, timeout: RUN_TIMEOUT_MS };
      const main = ['out/main.js', server().address];
      const { stdout } = await run(process.execPath, main, options);
      const reported = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
        bound: { outcome: string };
        unbound: { outcome: string };
        maintenance: { outcome: string };
        loaded: string[];
      };
      expect(reported).toMatchObject({
        puts: 2,
        isClass: true,
        maintenance: { outcome: 'COMPLETED' },
      });
      const { resolve } = createRequire(path.join(project, 'main.js'));
      expect(resolve('dcs-switchover/schemas/maintenance-input.schema.json')).toContain(project);
      expect(reported.bound.outcome).toBe('SUCCEEDED');
      expect(reported.unbound.outcome).toBe('REFUSED');
      expect(JSON.stringify(reported.unbound)).toContain('call bind(worker)');
      const loaded = reported.loaded.filter((file) => file.includes('/@temporalio/'));
      const sdkFolder = realpathSync(SDKS[sdk]());
      expect(loaded).not.toHaveLength(0);
      expect(loaded.filter((file) => !file.startsWith(sdkFolder))).toEqual([]);
    },
  );
});

test('the oldest SDK is the begin of the range that the package admits, and the only one of its project', () => {
  const { dependencies } = readManifest(path.join(__dirname, 'oldest-sdk'));
  const admitted = Object.entries(dependencies).map(([name, version]) => [name, `^${version}`]);
  const peers = Object.entries(readManifest(ROOT).peerDependencies);
  expect(peers.filter(([name]) => !name.includes('opentelemetry'))).toEqual(admitted);
  expect(new Set(Object.values(dependencies)).size).toBe(1);
});
