'use strict';
// npm run simulate: see CONTRIBUTING.md. Time is virtual from the first module on that the product is made of.
const { run } = require('../bench/register.cjs');
require('../test/simulation/world.ts').enterVirtualTime();
run(() => require('../test/simulation/main.ts'));
