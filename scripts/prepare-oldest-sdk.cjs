'use strict';
// Fetches the oldest SDK that the package admits, below .cache, for test/package/consumer.test.ts.
//
//   node scripts/prepare-oldest-sdk.cjs
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const PROJECT = path.join(ROOT, 'test/package/oldest-sdk');

/** Gives the folder that its packages are in; it is filled once, and put in place in one step. */
function prepareOldestSdk() {
  const lock = fs.readFileSync(path.join(PROJECT, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const target = path.join(ROOT, '.cache', `oldest-sdk-${key}`);
  if (!fs.existsSync(target)) {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const filled = fs.mkdtempSync(`${target}.partial-`);
    fs.cpSync(PROJECT, filled, { recursive: true });
    fs.copyFileSync(path.join(ROOT, '.npmrc'), path.join(filled, '.npmrc'));
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: filled, stdio: 'ignore' });
    fs.renameSync(filled, target);
  }
  return path.join(target, 'node_modules');
}

module.exports = { prepareOldestSdk };

if (require.main === module) console.log(prepareOldestSdk());
