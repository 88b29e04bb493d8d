/** The shipped JSON Schemas, as a caller in another language would use them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = path.join(__dirname, '../../schemas');

/** A file of schemas/, parsed. */
export function readSchema(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')) as Record<string, unknown>;
}

/**
 * What a value breaks of a shipped schema; empty where it fits.
 *
 * @param name such as `switchover-result`
 */
export function violationsOf(name: string, value: unknown): readonly string[] {
  const validate = validatorOf(name);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath || '(whole)'} ${message ?? ''}`,
  );
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ allErrors: true, strictSchema: true, strictRequired: false });
  addFormats(ajv);
  const validate = ajv.compile(readSchema(`${name}.schema.json`));
  validators.set(name, validate);
  return validate;
}
