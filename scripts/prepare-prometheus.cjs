'use strict';
// Finds Prometheus and its promtool, which judge deploy/monitoring in the tests: on PATH, else the package of Debian,
// fetched and unpacked below .cache. Nothing is installed, no service starts.
//
//   node scripts/prepare-prometheus.cjs
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '../.cache/prometheus');
const REMEDY = 'Put `prometheus` and `promtool` on PATH (Debian: the package prometheus).';

/** Gives the paths of both programs; throws where they cannot be had. */
function preparePrometheus() {
  const found = findOnPath();
  if (found !== null) return found;
  if (!fs.existsSync(FOLDER)) fetchFromDebian();
  const bin = path.join(FOLDER, 'usr/bin');
  return { prometheus: path.join(bin, 'prometheus'), promtool: path.join(bin, 'promtool') };
}

function findOnPath() {
  const answers = (name) => spawnSync(name, ['--version']).status === 0;
  const names = { prometheus: 'prometheus', promtool: 'promtool' };
  return Object.values(names).every(answers) ? names : null;
}

function fetchFromDebian() {
  fs.mkdirSync(path.dirname(FOLDER), { recursive: true });
  const filled = fs.mkdtempSync(`${FOLDER}.partial-`);
  // apt hands its work to a user of its own.
  fs.chmodSync(filled, 0o777);
  const run = (file, ...args) => execFileSync(file, args, { cwd: filled, stdio: 'pipe' });
  try {
    // Where lists were never fetched, or are old, nothing is found at first; only root can renew them.
    if (spawnSync('apt-get', ['download', 'prometheus'], { cwd: filled }).status !== 0) {
      run('apt-get', '-qq', 'update');
      run('apt-get', 'download', 'prometheus');
    }
    const [archive] = fs.readdirSync(filled).filter((name) => name.endsWith('.deb'));
    run('dpkg-deb', '-x', archive, '.');
    fs.rmSync(path.join(filled, archive));
    fs.renameSync(filled, FOLDER);
  } catch (error) {
    fs.rmSync(filled, { recursive: true, force: true });
    if (fs.existsSync(FOLDER)) return;
    throw new Error(`Prometheus is not to be had: ${error.message.trim()}. ${REMEDY}`, {
      cause: error,
    });
  }
}

module.exports = { preparePrometheus };

if (require.main === module) console.log(preparePrometheus());
