import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { TemporalConfigError } from '../../src/client.js';
import { loadTemporalConfig } from '../../src/temporal/config.js';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'temporal-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An environment without the profile file of whoever runs the tests. */
function load(variables: NodeJS.ProcessEnv = {}) {
  return loadTemporalConfig({ HOME: folder, XDG_CONFIG_HOME: folder, ...variables });
}

function fileWith(text: string): string {
  const file = path.join(folder, `${Math.random()}.toml`);
  writeFileSync(file, text);
  return file;
}

function errorOf(variables: NodeJS.ProcessEnv): TemporalConfigError {
  try {
    load(variables);
  } catch (error) {
    if (error instanceof TemporalConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('loadTemporalConfig', () => {
  test('defaults to the local server', () => {
    expect(load()).toEqual({
      address: 'localhost:7233',
      namespace: 'default',
      encryption: 'none',
      isLoopback: true,
      connectionOptions: { address: 'localhost:7233' },
      codec: null,
    });
  });

  test('counts empty variables as absent', () => {
    expect(load({ TEMPORAL_ADDRESS: '', TEMPORAL_TLS: '', TEMPORAL_NAMESPACE: '' })).toEqual(
      load(),
    );
  });

  test('reads address, namespace and API key, with TLS', () => {
    const variables = {
      TEMPORAL_ADDRESS: 'eu.example.com:7233',
      TEMPORAL_NAMESPACE: 'ops',
      TEMPORAL_API_KEY: 'key',
    };
    expect(load(variables)).toEqual({
      address: 'eu.example.com:7233',
      namespace: 'ops',
      codec: null,
      encryption: 'tls',
      isLoopback: false,
      connectionOptions: { address: 'eu.example.com:7233', tls: true, apiKey: 'key' },
    });
  });

  test('reads the profile that is named, environment first', () => {
    const file = fileWith('[profile.ops]\naddress = "localhost:1"\nnamespace = "from-file"\n');
    const variables = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'ops' };
    expect(load(variables)).toMatchObject({ address: 'localhost:1', namespace: 'from-file' });
    expect(load({ ...variables, TEMPORAL_NAMESPACE: 'from-env' })).toMatchObject({
      namespace: 'from-env',
    });
  });

  test('calls a client certificate mutual TLS', () => {
    const variables = {
      TEMPORAL_ADDRESS: 'eu.example.com',
      TEMPORAL_TLS_CLIENT_CERT_DATA: 'cert',
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'key',
    };
    expect(load(variables).encryption).toBe('mutual-tls');
  });

  test.each(['localhost', '127.0.0.1:7233', '127.9.9.9', '[::1]:7233', 'temporal.localhost:7233'])(
    'takes %s for this machine',
    (address) => {
      expect(load({ TEMPORAL_ADDRESS: address }).isLoopback).toBe(true);
    },
  );

  test.each(['localhost.example.com', '128.0.0.1', '10.0.0.1:7233', '[2001:db8::1]:7233'])(
    'does not take %s for this machine',
    (address) => {
      expect(load({ TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'true' }).isLoopback).toBe(false);
    },
  );

  test('reaches another machine in plain text only when answered so', () => {
    const address = { TEMPORAL_ADDRESS: 'temporal:7233' };
    expect(load({ ...address, TEMPORAL_TLS: 'false' }).encryption).toBe('none');
    const error = errorOf(address);
    expect(error.setting).toBe('TEMPORAL_TLS');
    expect(error.message).toContain('TEMPORAL_TLS=true; or TEMPORAL_TLS=false');
  });

  test.each<[string, string, NodeJS.ProcessEnv]>([
    [
      'an API key in plain text',
      'TEMPORAL_TLS',
      { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'secret-key' },
    ],
    ['a flag that is no flag', 'TEMPORAL_TLS', { TEMPORAL_TLS: 'yes' }],
    ['a URL', 'TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'https://temporal:7233' }],
    ['a file that is missing', 'TEMPORAL_CONFIG_FILE', { TEMPORAL_CONFIG_FILE: '/nowhere/t.toml' }],
    ['a profile that is missing', 'temporal.toml', { TEMPORAL_PROFILE: 'ops' }],
    [
      'a certificate without its key',
      'TEMPORAL_TLS_CLIENT_KEY_PATH',
      { TEMPORAL_TLS_CLIENT_CERT_DATA: 'cert' },
    ],
    [
      'a certificate that is missing',
      'TEMPORAL_TLS_*_PATH',
      { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' },
    ],
  ])('refuses %s', (_, setting, variables) => {
    const error = errorOf(variables);
    expect(error.setting).toBe(setting);
    expect(error.message).not.toContain('secret-key');
  });

  test.each(['', '[profile.default]\napi_key = secret-key'])(
    'refuses the file %j without showing what is in it',
    (text) => {
      const error = errorOf({ TEMPORAL_CONFIG_FILE: fileWith(text) });
      expect(error.setting).toBe('TEMPORAL_CONFIG_FILE');
      expect(error.message).not.toContain('secret-key');
      expect(error.message).not.toContain('\n');
    },
  );
});

describe('a value that cannot be used as it is', () => {
  test('loses the line break that a mounted secret ends in', () => {
    const tls = { TEMPORAL_TLS: 'true', TEMPORAL_ADDRESS: 'eu.example.com:7233' };
    const { connectionOptions } = load({ ...tls, TEMPORAL_API_KEY: 'key-1\n' });
    expect(connectionOptions.apiKey).toBe('key-1');
  });

  test.each([
    ['TEMPORAL_API_KEY', 'canary\nkey'],
    ['TEMPORAL_GRPC_META_TENANT', 'canary\tkey'],
    ['TEMPORAL_GRPC_META_TENANT', 'canary\u4e2d'],
    ['TEMPORAL_CODEC_AUTH', 'canary\r\nkey'],
  ])('%s with a character that no header carries is refused by its name', (name, value) => {
    const codec = { TEMPORAL_CODEC_ENDPOINT: 'https://codec.example.com' };
    const error = errorOf({ TEMPORAL_TLS: 'true', ...codec, [name]: value });
    expect(error.setting).toBe(name);
    expect(error.message).not.toContain('canary');
  });
});

describe('a configuration file that cannot be reached', () => {
  test('counts as none where it is the default one', () => {
    const home = fileWith('a file where a folder should be');
    expect(loadTemporalConfig({ HOME: home }).address).toBe('localhost:7233');
    expect(loadTemporalConfig({ XDG_CONFIG_HOME: home }).address).toBe('localhost:7233');
  });

  test('is an error with a remedy of its own where it is named', () => {
    const error = errorOf({ TEMPORAL_CONFIG_FILE: folder });
    expect(error.setting).toBe('TEMPORAL_CONFIG_FILE');
    expect(error.message).toContain('cannot be read');
    expect(error.remedy).toContain('permission');
  });

  test('may begin with a byte order mark', () => {
    const file = fileWith('\uFEFF[profile.default]\naddress = "localhost:7234"\n');
    expect(load({ TEMPORAL_CONFIG_FILE: file }).address).toBe('localhost:7234');
  });
});
