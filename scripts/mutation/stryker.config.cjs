'use strict';
const path = require('node:path');

const here = (name) => path.join(__dirname, name);

module.exports = {
  mutate: ['src/domain/**/*.ts', 'src/dcs/**/*.ts'],
  plugins: [here('runner.cjs'), here('texts.cjs')],
  testRunner: 'circus',
  ignorers: ['texts'],
  incremental: true,
  incrementalFile: '.cache/mutation/incremental.json',
  tempDirName: '.cache/mutation/sandbox',
  ignorePatterns: ['dist', '.cache', '.ci', 'bench', 'coverage', 'deploy'],
  concurrency: 2,
  // What a mutant left behind must not reach many others.
  maxTestRunnerReuse: 200,
  // Only what hangs takes so long, however loaded the machine is: a mutant that times out counts as found.
  timeoutMS: 20_000,
  timeoutFactor: 4,
  dryRunTimeoutMinutes: 15,
  reporters: ['json', 'html', 'progress-append-only'],
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  htmlReporter: { fileName: '.cache/mutation/report.html' },
  allowConsoleColors: false,
  warnings: { unknownOptions: false },
};
