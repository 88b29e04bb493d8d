import { createRequire } from 'node:module';
import path from 'node:path';

import type { PayloadCodec } from '@temporalio/common';

import { isRecord } from '../util.js';

import { DataConverterError } from '../temporal/errors.js';

/** The variable that names the module. */
export const MODULE_VARIABLE = 'DCS_SWITCHOVER_DATA_CONVERTER';

const REMEDY =
  'It needs a named export `dataConverter` with `payloadCodecs`; see docs/encryption.md.';

/**
 * Loads the codecs of a user's module, CommonJS or ESM.
 *
 * @param name absolute path, path relative to the working folder (`./…`), or the name of a package
 * installed there
 * @throws DataConverterError saying what is wrong with it
 */
export function loadCodecModule(name: string): readonly PayloadCodec[] {
  const module = load(name);
  const converter = isRecord(module) ? module['dataConverter'] : undefined;
  if (!isRecord(converter)) throw complaint(`names a module without \`dataConverter\``);
  const { payloadCodecs, ...others } = converter;
  const [other] = Object.keys(others).filter((key) => others[key] !== undefined);
  // Converters run in the workflow's sandbox, so they would have to be in the prebuilt bundle.
  if (other !== undefined) throw complaint(`sets \`${other}\`, which is not supported`);
  if (!Array.isArray(payloadCodecs) || payloadCodecs.length === 0 || !payloadCodecs.every(isCodec))
    throw complaint('has no `payloadCodecs` with the functions `encode` and `decode`');
  return payloadCodecs;
}

function load(name: string): unknown {
  try {
    return createRequire(path.join(process.cwd(), 'package.json'))(name) as unknown;
  } catch (error) {
    const { code, name: kind } = error as NodeJS.ErrnoException;
    throw complaint(
      code === 'MODULE_NOT_FOUND'
        ? `names a module that cannot be found (${name})`
        : `names a module that cannot be loaded (${name}: ${code ?? kind})`,
    );
  }
}

function complaint(problem: string): DataConverterError {
  return new DataConverterError(MODULE_VARIABLE, problem, REMEDY);
}

function isCodec(value: unknown): value is PayloadCodec {
  return (
    isRecord(value) &&
    typeof value['encode'] === 'function' &&
    typeof value['decode'] === 'function'
  );
}
