'use strict';
// A reporter of Jest. After a run that had every suite of test/fault-matrix.yaml it writes the faults, each with the
// tests that passed for it, into docs/reliability.md; in CI a page that says something else is a failure. In any run a
// test that the matrix names and that has failed, or that its suite no longer has, is one.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parse } = require('yaml');

const root = path.join(__dirname, '../..');
const page = path.join(root, 'docs/reliability.md');
const [begin, end] = ['<!-- fault matrix -->', '<!-- /fault matrix -->'];

class FaultMatrix {
  constructor({ ci, testNamePattern }) {
    this.isCi = ci;
    this.isPartial = (testNamePattern ?? '') !== '';
    this.problems = [];
  }

  onRunComplete(_, { testResults }) {
    // With a name pattern most tests are left out, and say nothing.
    if (this.isPartial) return;
    const groups = parse(readFileSync(path.join(root, 'test/fault-matrix.yaml'), 'utf8'));
    const rows = groups.flatMap(({ rows: some }) => Object.entries(some));
    const ran = new Map(testResults.map((suite) => [nameOf(suite.testFilePath), suite]));
    const named = rows.flatMap(([id, { tests = [] }]) => tests.map((test) => [id, test]));
    this.problems.push(...named.flatMap(([id, test]) => findProblem(ran, id, test)));
    const isWhole = named.every(([, test]) => ran.has(suiteOf(test)));
    if (isWhole && this.problems.length === 0) this.compare(groups.map(toText).join('\n\n'));
  }

  compare(text) {
    const old = readFileSync(page, 'utf8');
    const [before, rest] = old.split(begin);
    const next = `${before}${begin}\n\n${text}\n\n${end}${rest.split(end)[1]}`;
    if (next === old) return;
    if (this.isCi) this.problems.push('docs/reliability.md is not what `npm test` writes');
    else writeFileSync(page, next);
  }

  getLastError() {
    if (this.problems.length === 0) return undefined;
    return new Error(`test/fault-matrix.yaml:\n${this.problems.join('\n')}`);
  }
}

const nameOf = (file) => path.relative(path.join(root, 'test'), file).replace(/\.test\.ts$/, '');
const suiteOf = (test) => test.split(' › ')[0];

function findProblem(ran, id, test) {
  const [suite, title] = test.split(' › ');
  if (!existsSync(path.join(root, 'test', `${suite}.test.ts`))) return [`${id}: no suite ${suite}`];
  const results = ran.get(suite)?.testResults;
  if (results === undefined) return [];
  const meant = results.filter(({ fullName }) => fullName.includes(title));
  if (meant.length === 0) return [`${id}: ${suite} has no test "${title}"`];
  const failed = meant.filter(({ status }) => status !== 'passed');
  return failed.map(({ fullName, status }) => `${id}: ${suite} › ${fullName}: ${status}`);
}

function toText({ group, rows }) {
  const lines = Object.entries(rows).map(([id, { fault, ends, tests = [], open }]) =>
    [
      `- **${id}** ${fault} → ${ends}`,
      ...tests.map((test) => `  - \`${suiteOf(test)}\` ${test.split(' › ')[1]}`),
      ...(open === undefined ? [] : [`  - not covered: ${open}`]),
    ].join('\n'),
  );
  return [`### ${group}`, lines.join('\n')].join('\n\n');
}

module.exports = FaultMatrix;
