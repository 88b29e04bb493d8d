'use strict';
// Preloaded into a measured process: reports its parent, when asked, what the process has used.
const { isMainThread } = require('node:worker_threads');

if (isMainThread && process.send) {
  require('node:v8').setFlagsFromString('--expose-gc');
  const collectGarbage = require('node:vm').runInNewContext('gc');
  const answers = {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    // `maxRSS` is in KiB on every system.
    peakBytes: () => process.resourceUsage().maxRSS * 1024,
    heapBytes: () => {
      // Twice: the first run only finds out what finalisers hold.
      collectGarbage();
      collectGarbage();
      return process.memoryUsage().heapUsed;
    },
  };
  process.on('message', (question) => process.send(answers[question]()));
}
