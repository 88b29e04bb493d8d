'use strict';
// dist/ = compiled src/ plus the prebuilt workflow bundle that the worker loads.
const { spawnSync } = require('node:child_process');
const { rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

function compile() {
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
    failureConverterPath: path.join(root, 'dist/data-converter/workflow-failure-converter.js'),
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
      // run neither evaluates them anew nor keeps a copy in the cache.
      preloadModules: [workflowsPath],
      webpackConfigHook: keepBareRequires,
      logger: new DefaultLogger('WARN'),
      ...options,
    });
    writeFileSync(path.join(root, 'dist', file), code);
  }
}

compile();
bundle().catch((error) => {
  console.error(error);
  process.exit(1);
});
