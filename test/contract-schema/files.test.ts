/** The shipped schemas are those of the one source: generated again, they are the same. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import * as contract from '../../src/contract/index.js';
import * as schema from '../../src/schema/index.js';
import { readSchema, violationsOf } from '../support/contract-schema.js';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script, not a module
const { buildDocuments } = require('../../scripts/schemas/documents.cjs') as {
  buildDocuments: (validation: object, names: object) => Record<string, object>;
};

const documents = buildDocuments(schema, contract);
const shipped = readdirSync(path.join(__dirname, '../../schemas')).sort();

test('there is a file for each argument and answer, and no other', () => {
  expect(shipped).toEqual(Object.keys(documents).sort());
});

test.each(shipped)('%s is what `npm run schemas` writes', (name) => {
  expect(readSchema(name)).toEqual(JSON.parse(JSON.stringify(documents[name])));
});

describe('every schema', () => {
  const names = shipped.filter((name) => name !== 'names.json');

  test.each(names)('%s compiles and refuses what is no object', (name) => {
    expect(violationsOf(name.replace('.schema.json', ''), 'a text')).not.toEqual([]);
  });
});
