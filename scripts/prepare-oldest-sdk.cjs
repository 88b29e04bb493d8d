'use strict';
// Fetches the oldest SDK that the package admits, below .cache, for test/package/consumer.test.ts.
//
//   node scripts/prepare-oldest-sdk.cjs
const path = require('node:path');

const { fetchPackages } = require('./fetch-packages.cjs');

const PROJECT = path.join(__dirname, '../test/package/oldest-sdk');

/** Gives the folder that its packages are in. */
const prepareOldestSdk = () => fetchPackages(PROJECT, 'oldest-sdk');

module.exports = { prepareOldestSdk };

if (require.main === module) console.log(prepareOldestSdk());
