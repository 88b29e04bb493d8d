'use strict';
// npm run bench: see docs/benchmark.md.
const { run } = require('./register.cjs');
run(() => require('./main.ts'));
