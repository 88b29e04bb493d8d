'use strict';
// For the image: deletes what only developers need, and the native parts of the SDK that are built for other
// platforms; proves that the one that stays can be loaded.
const { execFileSync } = require('node:child_process');
const { readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

// The SDK is a peer of the package, pinned for its developers. npm takes what is both for a developer's tool;
// here it is what runs.
const file = path.join(root, 'package.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
for (const name of Object.keys(manifest.peerDependencies)) {
  manifest.dependencies[name] = manifest.devDependencies[name];
  delete manifest.devDependencies[name];
}
writeFileSync(file, JSON.stringify(manifest, null, 2));
const prune = ['prune', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
execFileSync('npm', prune, { cwd: root, stdio: 'inherit' });

const releases = path.join(
  path.dirname(require.resolve('@temporalio/core-bridge/package.json')),
  'releases',
);

/** Folder names are Rust target triples, such as `x86_64-unknown-linux-gnu`. */
const CPU = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
const SYSTEM = { linux: 'linux-gnu', darwin: 'apple-darwin', win32: 'windows-msvc' }[
  process.platform
];

const isOurs = (name) => name.startsWith(`${CPU}-`) && name.includes(SYSTEM);
const names = readdirSync(releases);
if (!names.some(isOurs)) {
  console.error(`None of ${names.join(', ')} is for ${process.platform} ${process.arch}.`);
  process.exit(1);
}
for (const name of names.filter((other) => !isOurs(other)))
  rmSync(path.join(releases, name), { recursive: true });
require('@temporalio/core-bridge');
