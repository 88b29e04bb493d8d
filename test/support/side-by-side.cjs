'use strict';
// Runs all concurrent tests of a file side by side, before its other tests. By itself Jest does so only with those
// of one `describe`, and one after the other with these. A block with hooks for all of its tests keeps its own.
const { TestEnvironment } = require('jest-environment-node');

const isOpen = ({ hooks, mode }) =>
  mode !== 'skip' && !hooks.some(({ type }) => type === 'beforeAll' || type === 'afterAll');

/** Takes the concurrent tests out of a block; each still knows its block, for its name and its other hooks. */
function takeConcurrent(block) {
  const taken = [];
  block.children = block.children.filter((child) => {
    if (child.type === 'describeBlock') {
      if (isOpen(child)) taken.push(...takeConcurrent(child));
      return true;
    }
    if (child.concurrent) taken.push(child);
    return !child.concurrent;
  });
  return taken;
}

module.exports = class SideBySide extends TestEnvironment {
  handleTestEvent({ name }, { rootDescribeBlock, testNamePattern }) {
    if (name !== 'run_start') return;
    this.global.isFilteredSuite = Boolean(testNamePattern);
    const concurrent = takeConcurrent(rootDescribeBlock);
    rootDescribeBlock.children.unshift(...concurrent);
  }
};
