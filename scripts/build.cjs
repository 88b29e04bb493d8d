'use strict';
// dist/ = compiled src/ plus the prebuilt workflow bundle that the worker loads.
//
//   node scripts/build.cjs [--always]
//
// Does nothing where dist/ was built of these sources already: many scripts build before what they do.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
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
  const parts = ['index.js', ...Object.keys(BUNDLES)].map((file) => path.join(root, 'dist', file));
  return [STAMP, ...parts].every(existsSync) && readFileSync(STAMP, 'utf8') === sources;
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
}

/** The plain bundle, and the one whose failures a codec can encode: messages become payloads. */
const BUNDLES = {
  'workflow-bundle.js': {},
  'workflow-bundle-encoded.js': {
    failureConverterPath: path.join(root, 'dist/temporal/workflow-failure-converter.js'),
  },
};

// The SDK preloads by a bare require(), which webpack drops for a package that says `sideEffects: false`.
function keepBareRequires(config) {
  return { ...config, optimization: { ...config.optimization, sideEffects: false } };
}

async function bundle() {
  const { DefaultLogger, bundleWorkflowCode } = require('@temporalio/worker');
  const workflowsPath = path.join(root, 'dist/workflows/index.js');
  for (const [file, options] of Object.entries(BUNDLES)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      // Our modules keep no state, so all runs of a worker share one copy of them (frozen by the SDK): a
      // run neither evaluates them again nor keeps a copy in the cache.
      preloadModules: [workflowsPath],
      webpackConfigHook: keepBareRequires,
      logger: new DefaultLogger('WARN'),
      ...options,
    });
    writeFileSync(path.join(root, 'dist', file), code);
  }
}

async function build() {
  const sources = hashSources();
  if (isBuiltOf(sources) && !process.argv.includes('--always')) return;
  compile();
  await bundle();
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, sources);
}

build().catch((error) => {
  console.error(error);
  process.exit(1);
});
