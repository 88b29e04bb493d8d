'use strict';
// For the image: deletes the native parts of the SDK that are built for other platforms, and proves that
// the one that stays can be loaded.
const { readdirSync, rmSync } = require('node:fs');
const path = require('node:path');

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
