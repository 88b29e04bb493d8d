'use strict';
// A test runner for Stryker: Jest's own runner, kept in one process. A mutant takes it milliseconds, where a start of
// Jest alone takes a second.
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { performance } = require('node:perf_hooks');

const { runFile } = require('./circus.cjs');

/** What the instrumented sources look at, and count in. */
const instrumented = (globalThis.__stryker__ ??= {});

const PASSED = 0;
const FAILED = 1;
const SKIPPED = 2;

/** Suites of other rooms whose subject is in this one. Most others start servers and processes, which takes seconds. */
const ELSEWHERE = { domain: ['client/texts.test.ts', 'worker/observability-docs.test.ts'] };

/** The room of a source, such as `domain`. */
const roomOf = (file) => path.relative('src', file).split(path.sep)[0];

/** The suites that have to find what is wrong in a room. */
const suitesOf = (room) =>
  readdirSync('test', { recursive: true })
    .filter((name) => name.startsWith(`${room}/`) && name.endsWith('.test.ts'))
    .concat(ELSEWHERE[room] ?? [])
    .map((name) => path.join('test', name));

const SEPARATOR = ' > ';
const suiteOf = (id) => id.slice(0, id.indexOf(SEPARATOR));

const run = (suite, options) =>
  runFile({
    ...options,
    file: path.resolve(suite),
    idOf: (name) => `${suite}${SEPARATOR}${name}`,
    onTest: (id) => (instrumented.currentTestId = id),
  });

const textOf = (error) => String(error?.stack ?? error);

function toTest(suite, { id, duration, skipped, failure }) {
  const fileName = path.resolve(suite);
  const test = { id, name: id, fileName, timeSpentMs: duration };
  if (skipped) return { ...test, status: SKIPPED };
  if (failure === undefined) return { ...test, status: PASSED };
  return { ...test, status: FAILED, failureMessage: textOf(failure) };
}

class Runner {
  /** How long each suite took, and how often it found a mutant of each source: the likeliest goes first. */
  #took = new Map();
  #found = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun({ files }) {
    instrumented.mutantCoverage = { static: {}, perTest: {} };
    const tests = [];
    for (const suite of [...new Set(files.map(roomOf))].flatMap(suitesOf)) {
      const { results, strays } = await run(suite, { bail: false });
      if (strays.length > 0) return { status: 'error', errorMessage: textOf(strays[0]) };
      tests.push(...results.map((result) => toTest(suite, result)));
    }
    return { status: 'complete', tests, mutantCoverage: instrumented.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, sandboxFileName, hitLimit }) {
    const hitCount = hitLimit === undefined ? undefined : 0;
    Object.assign(instrumented, { activeMutant: activeMutant.id, hitCount, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    let nrOfTests = 0;
    for (const suite of this.#order(sandboxFileName, wanted)) {
      const { results, strays } = await this.#time(suite, { about: sandboxFileName, wanted });
      if (instrumented.hitCount > hitLimit) return { status: 'timeout', reason: 'endless loop' };
      const ran = results.filter(({ skipped }) => !skipped);
      nrOfTests += ran.length;
      const failed = ran.filter(({ failure }) => failure !== undefined);
      if (failed.length === 0 && strays.length === 0) continue;
      this.#foundBy(sandboxFileName, suite);
      const killedBy = (failed.length > 0 ? failed : ran.slice(0, 1)).map(({ id }) => id);
      const failureMessage = textOf(failed[0]?.failure ?? strays[0]);
      return { status: 'killed', killedBy, failureMessage, nrOfTests };
    }
    return { status: 'survived', nrOfTests };
  }

  async #time(suite, options) {
    const begunMs = performance.now();
    const outcome = await run(suite, { ...options, bail: true });
    this.#took.set(suite, performance.now() - begunMs);
    return outcome;
  }

  #order(source, wanted) {
    const found = this.#found.get(source) ?? new Map();
    const asked = wanted ? [...new Set([...wanted].map(suiteOf))] : suitesOf(roomOf(source));
    const rank = (suite) => (this.#took.get(suite) ?? 0) / (1 + (found.get(suite) ?? 0));
    return asked.sort((a, b) => rank(a) - rank(b));
  }

  #foundBy(source, suite) {
    const found = this.#found.get(source) ?? new Map();
    this.#found.set(source, found.set(suite, 1 + (found.get(suite) ?? 0)));
  }
}

exports.strykerPlugins = [{ kind: 'TestRunner', name: 'circus', injectableClass: Runner }];
