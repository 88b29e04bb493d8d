/** Jest projects: `npm test` runs them all; `npm run test:unit` the quick ones. */
const { availableParallelism } = require('node:os');

/**
 * More than there are cores: an end-to-end suite mostly waits, for jobs, timers and time limits. Each may take
 * 1 GB, with its servers.
 */
const MAX_WORKERS = Math.min(2 * availableParallelism(), 8);

/** Of `test.concurrent` in one suite; each works on an instance of its own and mostly waits. */
const MAX_CONCURRENCY = 4;

const common = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const project = (displayName, testMatch, extra = {}) => ({
  ...common,
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/test/${pattern}`),
  ...extra,
});

module.exports = {
  maxWorkers: MAX_WORKERS,
  maxConcurrency: MAX_CONCURRENCY,
  reporters: ['default', '<rootDir>/test/support/fault-matrix.cjs'],
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // Only what hangs takes so long, however loaded the machine is.
  testTimeout: 300_000,
  projects: [
    project('unit', [
      '{bench,certify,contract,domain,schema,dcs,activities,temporal,client,config,cli,doctor,simulator,dev,windows}/**/*.test.ts',
      '{contract-schema,data-plane,notifications,worker,deploy,docs,fuzz,chaos}/**/*.test.ts',
    ]),
    project('temporal', ['{workflows,replay,package}/**/*.test.ts']),
    project('simulation', ['simulation/**/*.test.ts']),
    project('e2e', ['e2e/**/*.test.ts'], {
      testEnvironment: '<rootDir>/test/support/side-by-side.cjs',
    }),
  ],
};
