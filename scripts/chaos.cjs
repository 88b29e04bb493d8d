'use strict';
// npm run chaos: see docs/reliability.md.
const { run } = require('../bench/register.cjs');
run(() => require('../test/chaos/main.ts'));
