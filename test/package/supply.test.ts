/** What the package is made of: the lockfile, judged offline. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 13);
const locked = Object.entries(packages).flatMap(([folder, found]) =>
  folder === '' ? [] : [{ name: nameOf(folder), ...found }],
);

/** Whoever distributes the image owes no more than a notice. */
const LICENCES = [
  ...['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Apache-2.0 AND MIT'],
  ...['BlueOak-1.0.0', 'Unlicense', '(MIT OR CC0-1.0)'],
];

/** Licences that are not on the list, or not in the lockfile, and why they are no matter. */
const LOOKED_AT: Readonly<Record<string, string>> = {
  'caniuse-lite': 'CC-BY-4.0 on a table of browsers, of which no code is run',
  unionfs: 'Unlicense, by the file LICENSE of the package',
};

describe('the lockfile', () => {
  test('holds each package by a hash, and names no registry', () => {
    expect(locked.filter(({ integrity }) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
    expect(locked.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  test('has no package with a script at its installation that was not looked at and forbidden', () => {
    const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
    const withScripts = locked.filter(({ hasInstallScript }) => hasInstallScript === true);
    expect(new Set(withScripts.map(({ name }) => name))).toEqual(
      new Set(Object.keys(allowScripts)),
    );
    expect(Object.values(allowScripts)).not.toContain(true);
  });

  test('has no licence that asks for more than a notice', () => {
    const others = locked.filter(({ license = '' }) => !LICENCES.includes(license));
    expect(new Set(others.map(({ name }) => name))).toEqual(new Set(Object.keys(LOOKED_AT)));
  });
});

interface Bom {
  readonly components: readonly {
    readonly name: string;
    readonly hashes?: readonly object[];
    readonly licenses?: readonly object[];
  }[];
}

test('the list of what a worker is made of has the SDK, nothing of developers, a hash for each', () => {
  const script = path.join(ROOT, 'scripts/sbom.cjs');
  const { components } = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 1 << 26 }),
  ) as Bom;
  const names = components.map(({ name }) => name);
  const { dependencies, peerDependencies } = read('package.json') as Record<string, object>;
  expect(names).toEqual(
    expect.arrayContaining(Object.keys({ ...dependencies, ...peerDependencies })),
  );
  for (const tool of ['jest', 'eslint', 'typescript', 'knip', '@swc/jest', 'prettier'])
    expect(names).not.toContain(tool);
  const without = components.filter(({ hashes = [], licenses = [] }) =>
    [hashes, licenses].some(({ length }) => length === 0),
  );
  expect(without.map(({ name }) => name)).toEqual(['unionfs']);
});
