'use strict';
// The order of the suites. End-to-end ones take longest and mostly wait, so they come first; else one of them runs
// alone at the end. Within a project: Jest's own order, which is by the time that a suite took here before, or by
// its size.
const { default: Sequencer } = require('@jest/test-sequencer');

const ORDER = ['e2e', 'temporal', 'unit'];

const place = ({ context }) => ORDER.indexOf(context.config.displayName.name);

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
};
