'use strict';
// npm run fuzz: see docs/reliability.md.
const { run } = require('../bench/register.cjs');
run(() => require('../test/fuzz/main.ts'));
