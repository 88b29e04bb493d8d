'use strict';
// npm run bench: see docs/benchmark.md.
require('./register.cjs');
require('./main.ts')
  .main(process.argv.slice(2))
  .then(
    (exitCode) => process.exit(exitCode),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
