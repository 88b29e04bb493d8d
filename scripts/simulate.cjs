'use strict';
// npm run simulate: see CONTRIBUTING.md. Time is virtual from the first module on that the product is made of.
require('../bench/register.cjs');
require('../test/simulation/world.ts').enterVirtualTime();
require('../test/simulation/main.ts')
  .main(process.argv.slice(2))
  .then(
    (exitCode) => process.exit(exitCode),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
