'use strict';
// Writes schemas/ again from what was built: `npm run schemas`.
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { buildDocuments } = require('./schemas/documents.cjs');

const root = path.join(__dirname, '..');
const folder = path.join(root, 'schemas');

const documents = buildDocuments(require('../dist/schema/index.js'), require('../dist/index.js'));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, body] of Object.entries(documents))
  writeFileSync(path.join(folder, name), `${JSON.stringify(body, null, 2)}\n`);
console.log(`${Object.keys(documents).length} files in schemas/`);
