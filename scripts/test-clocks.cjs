'use strict';
// The end-to-end suites with each wrong clock (test/support/clocks.ts), one after the other.
//
//   node scripts/test-clocks.cjs [options and paths of jest]
//
// Goes on after a failure, and fails where one of them failed.
const { spawnSync } = require('node:child_process');

const CLOCKS = ['worker+11m', 'worker-11m', 'api+11m', 'api-11m'];

const JEST = require.resolve('jest/bin/jest');

/** They have the same clocks each time. */
const SUITES_WITH_OWN_CLOCKS = ['skewed-clocks', 'doctor', 'first-instance', 'dev'];

/** Signed notifications by a worker's clock that is more than 5 min off are refused, as they should be. */
const SUITES_WITH_RECEIVERS = ['notifications', 'secrets'];

function passesWith(clocks) {
  console.log(`\n== TEST_CLOCKS=${clocks}`);
  const receiving = clocks.startsWith('worker') ? SUITES_WITH_RECEIVERS : [];
  const leaveOut = `/(${[...SUITES_WITH_OWN_CLOCKS, ...receiving].join('|')})[.]test[.]ts$`;
  const chosen = ['--selectProjects', 'e2e', '--testPathIgnorePatterns', leaveOut];
  const args = [JEST, ...process.argv.slice(2), ...chosen];
  const env = { ...process.env, TEST_CLOCKS: clocks };
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status === 0;
}

const failed = CLOCKS.filter((clocks) => !passesWith(clocks));
console.log(failed.length === 0 ? 'All passed.' : `Failed with ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
