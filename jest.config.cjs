/** Jest projects: `npm test` runs them all; `npm run test:unit` the quick ones. */
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
  maxWorkers: 2,
  testTimeout: 60_000,
  projects: [
    project('unit', [
      '{bench,contract,domain,schema,dcs,activities,run-history,client,config,cli,diagnostics,simulator,local,windows}/**/*.test.ts',
      '{contract-schema,data-converter,notifications,worker,deploy,docs}/**/*.test.ts',
    ]),
    project('temporal', ['{workflows,replay,package}/**/*.test.ts']),
    project('e2e', ['e2e/**/*.test.ts']),
  ],
};
