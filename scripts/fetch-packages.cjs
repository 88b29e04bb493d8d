'use strict';
// Packages that few need: not among the dependencies, but fetched below .cache when something asks for them.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');

/**
 * Gives the folder of the packages that a folder's package-lock.json pins; it is filled once, and put in place in
 * one step.
 */
function fetchPackages(folder, name) {
  const lock = fs.readFileSync(path.join(folder, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const target = path.join(ROOT, '.cache', `${name}-${key}`);
  if (!fs.existsSync(target)) {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const filled = fs.mkdtempSync(`${target}.partial-`);
    for (const file of ['package.json', 'package-lock.json'])
      fs.copyFileSync(path.join(folder, file), path.join(filled, file));
    fs.copyFileSync(path.join(ROOT, '.npmrc'), path.join(filled, '.npmrc'));
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: filled, stdio: 'ignore' });
    fs.renameSync(filled, target);
  }
  return path.join(target, 'node_modules');
}

module.exports = { fetchPackages };
