'use strict';
// One file of tests, run by Jest's own runner and judged by its own `expect`, without the rest of Jest.
const { AsyncLocalStorage } = require('node:async_hooks');
const { setImmediate } = require('node:timers/promises');
const { jestExpect } = require('@jest/expect');
const circus = require('jest-circus');
const { ModuleMocker } = require('jest-mock');

const { createRegistry } = require('./modules.cjs');

/** What hangs is ended by Stryker, with the process. */
const NEVER_MS = 2 ** 31 - 1;
globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = NEVER_MS;

const mocker = new ModuleMocker(globalThis);
const jest = Object.fromEntries(
  ['fn', 'spyOn', 'restoreAllMocks'].map((name) => [name, mocker[name].bind(mocker)]),
);
const SUBSTITUTES = { '@jest/globals': { ...circus, expect: jestExpect, jest } };

/** Errors that nobody caught, by the run they come from; what an earlier run left behind is nobody's. */
const current = new AsyncLocalStorage();
const keep = (error) => current.getStore()?.strays.push(error);
process.on('uncaughtException', keep).on('unhandledRejection', keep);

const namesOf = ({ parent, name }) => (parent === undefined ? [] : [...namesOf(parent), name]);
const testsOf = (block) =>
  block.children.flatMap((child) => (child.type === 'test' ? [child] : testsOf(child)));

/** What `expect.assertions` and `expect.hasAssertions` have found missing. */
const missingAssertions = () =>
  jestExpect.extractExpectedAssertionsErrors().map(({ error }) => error);

/** Skips what is not asked for and, after the first failure, the rest; tells of every test that runs. */
function handlerOf({ isWanted, bail, onTest }) {
  let failed = false;
  return ({ name, test }) => {
    if (name === 'test_start' && (failed || !isWanted(test))) test.mode = 'skip';
    if (name === 'test_start' && test.mode !== 'skip') onTest(test);
    if (name !== 'test_done') return;
    test.errors.push(...missingAssertions());
    onTest(undefined);
    failed ||= bail && test.errors.length > 0;
  };
}

function resultOf(idOf, test) {
  const [failure] = test.errors.flat().filter((error) => error !== undefined);
  const id = idOf(test);
  return { id, duration: test.duration ?? 0, skipped: test.status !== 'done', failure };
}

/**
 * Gives the results of a file's tests; none where the file does not load `about`, or where none is wanted.
 * `wanted`: ids; all where there are none.
 */
async function runFile({ file, idOf, about, wanted, bail, onTest }) {
  const id = (test) => idOf(namesOf(test).join(' '));
  const isWanted = (test) => wanted === undefined || wanted.has(id(test));
  const handler = handlerOf({ isWanted, bail, onTest: (test) => onTest(test && id(test)) });
  const env = { ...process.env };
  const strays = [];
  circus.resetState();
  circus.addEventHandler(handler);
  try {
    return await current.run({ strays }, async () => {
      const registry = createRegistry(SUBSTITUTES);
      registry.load(file);
      const tests = testsOf(circus.getState().rootDescribeBlock);
      if (about !== undefined && !registry.has(about)) return { results: [], strays };
      for (const test of tests) if (!isWanted(test)) test.mode = 'skip';
      await circus.run();
      strays.push(...circus.getState().unhandledErrors);
      await setImmediate();
      return { results: tests.map((test) => resultOf(id, test)), strays };
    });
  } finally {
    circus.removeEventHandler(handler);
    mocker.restoreAllMocks();
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
  }
}

module.exports = { runFile };
