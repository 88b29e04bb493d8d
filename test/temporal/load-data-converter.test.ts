import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { TemporalConfigError } from '../../src/client.js';
import { loadTemporalConfig } from '../../src/temporal/config.js';
import { DataConverterError, loadDataConverter } from '../../src/temporal/data-converter.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'data-converter-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const moduleWith = (source: string): string => {
  const file = path.join(folder, `${Math.random()}.cjs`);
  writeFileSync(file, source);
  return file;
};

/** As worker and client do it, without the profile file of whoever runs the tests. */
const load = (variables: NodeJS.ProcessEnv) => {
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, ...variables };
  return loadDataConverter(env, loadTemporalConfig(env));
};

const errorOf = (variables: NodeJS.ProcessEnv): Error => {
  try {
    load(variables);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
};

const PASS =
  'exports.dataConverter = { payloadCodecs: [{ encode: async (p) => p, decode: async (p) => p }] };';

describe('loadDataConverter', () => {
  test('is nothing without a setting, or with empty ones', () => {
    expect(load({})).toBeUndefined();
    expect(
      load({ DCS_SWITCHOVER_DATA_CONVERTER: '', TEMPORAL_CODEC_ENDPOINT: '' }),
    ).toBeUndefined();
  });

  test('loads a module by its path and turns on the encoding of failures', () => {
    const found = load({ DCS_SWITCHOVER_DATA_CONVERTER: moduleWith(PASS) });
    expect(found?.codec).toBe('module');
    expect(found?.dataConverter.payloadCodecs).toHaveLength(1);
    expect(found?.dataConverter.failureConverterPath).toContain('failure-converter');
  });

  test('takes the codec server of the environment, and that of the profile file', () => {
    const file = path.join(folder, 'temporal.toml');
    writeFileSync(file, '[profile.default.codec]\nendpoint = "https://codec.example.com"\n');
    expect(load({ TEMPORAL_CODEC_ENDPOINT: 'http://127.0.0.1:8081' })?.codec).toBe('server');
    expect(load({ TEMPORAL_CONFIG_FILE: file })?.codec).toBe('server');
    const both = { TEMPORAL_CONFIG_FILE: file, DCS_SWITCHOVER_DATA_CONVERTER: moduleWith(PASS) };
    expect(errorOf(both)).toBeInstanceOf(DataConverterError);
  });

  test('refuses two codecs and names both', () => {
    const { message } = errorOf({
      DCS_SWITCHOVER_DATA_CONVERTER: moduleWith(PASS),
      TEMPORAL_CODEC_ENDPOINT: 'https://codec.example.com',
    });
    expect(message).toMatch(/DCS_SWITCHOVER_DATA_CONVERTER and TEMPORAL_CODEC_ENDPOINT/);
  });

  test('refuses a credential without a server: the payloads would stay readable', () => {
    const error = errorOf({ TEMPORAL_CODEC_AUTH: 'Bearer canary' });
    expect(error).toBeInstanceOf(TemporalConfigError);
    expect(error.message).not.toContain('canary');
  });

  test.each([
    ['that is not there', '/nowhere/codec.cjs', /cannot be found/],
    ['that throws', () => moduleWith('throw new Error("canary")'), /cannot be loaded/],
    ['that does not parse', () => moduleWith('canary canary'), /cannot be loaded/],
    ['with another export', () => moduleWith('exports.codec = {}'), /without `dataConverter`/],
    [
      'without codecs',
      () => moduleWith('exports.dataConverter = { payloadCodecs: [] }'),
      /no `payloadCodecs`/,
    ],
    [
      'with half a codec',
      () => moduleWith('exports.dataConverter = { payloadCodecs: [{ encode() {} }] }'),
      /no `payloadCodecs`/,
    ],
    [
      'with a converter that the prebuilt bundle cannot have',
      () => moduleWith(`${PASS} exports.dataConverter.payloadConverterPath = '/x';`),
      /`payloadConverterPath`, which is not supported/,
    ],
  ])('refuses a module %s', (_, file, message) => {
    const name = typeof file === 'string' ? file : file();
    const error = errorOf({ DCS_SWITCHOVER_DATA_CONVERTER: name });
    expect(error).toBeInstanceOf(DataConverterError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('canary');
  });

  test.each([
    'codec.example.com',
    'http://codec.example.com',
    'http://127.0.0.1.example.com',
    'https://user:canary@codec.example.com',
    'https://codec.example.com/?key=canary',
    'ftp://localhost',
  ])('refuses the endpoint %s without repeating it', (endpoint) => {
    const error = errorOf({ TEMPORAL_CODEC_ENDPOINT: endpoint });
    expect(error).toBeInstanceOf(DataConverterError);
    expect(error.message).not.toContain('canary');
    expect(error.message).toContain('TEMPORAL_CODEC_ENDPOINT');
  });

  test('refuses a credential that is no header, without repeating it', () => {
    const { message } = errorOf({
      TEMPORAL_CODEC_ENDPOINT: 'https://codec.example.com',
      TEMPORAL_CODEC_AUTH: 'Bearer\ncanary',
    });
    expect(message).toMatch(/TEMPORAL_CODEC_AUTH/);
    expect(message).not.toContain('canary');
  });
});
