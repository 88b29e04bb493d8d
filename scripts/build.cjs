'use strict';
// dist/ = compiled src/, the scripts for shells, and the prebuilt workflow bundle that the worker loads.
//
//   node scripts/build.cjs [--always]
//
// Does nothing where dist/ was built of these sources already: many scripts build before what they do.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** What dist/ is made of, beside src/. */
const SETTINGS = [
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  'scripts/build.cjs',
];

/** Of what the last build was made; not in dist/, which is published. */
const STAMP = path.join(root, '.cache/built');

function hashSources() {
  const sources = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const settings = SETTINGS.map((name) => path.join(root, name));
  const hash = createHash('sha256').update(process.version);
  for (const file of [...settings, ...sources.sort()])
    hash.update(`\0${path.relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function isBuiltOf(sources) {
  const parts = [STAMP, path.join(root, 'dist/index.js')];
  return parts.every(existsSync) && readFileSync(STAMP, 'utf8') === sources;
}

function compile() {
  rmSync(STAMP, { force: true });
  // What a deleted source has left behind must not be shipped.
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  const folder = 'cli/completion';
  for (const name of readdirSync(path.join(root, 'src', folder)).filter(isScript))
    copyFileSync(path.join(root, 'src', folder, name), path.join(root, 'dist', folder, name));
}

/** Whether a shell runs it: what the compiler leaves where it is. */
function isScript(name) {
  return name.startsWith('script.');
}

async function build() {
  const sources = hashSources();
  if (isBuiltOf(sources) && !process.argv.includes('--always')) return;
  console.error('Building dist/, a minute or two …');
  compile();
  // A link to it, as `npm install --global .` makes, outlives the file; npm sets this bit only once.
  chmodSync(path.join(root, 'dist/cli.js'), 0o755);
  await require('../dist/worker/bundle.js').writeWorkflowBundles();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, sources);
}

build().catch((error) => {
  console.error(error);
  process.exit(1);
});
