/** Where the environment says that the credential is: the vendor's names, and never two answers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { loadWorkerConfig } from '../../src/config/index.js';
import type { ConfigurationError, WorkerConfig } from '../../src/config/index.js';

const PROJECT_ID = '0ebd32bc6a0123456789abcdef012345';
const GOOD = { HUAWEICLOUD_SDK_PROJECT_ID: PROJECT_ID, DCS_REGION: 'eu-west-101' };

const home = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-home-'));
const profile = path.join(home, '.huaweicloud', 'credentials');
mkdirSync(path.dirname(profile));
writeFileSync(profile, '[basic]\nak = a\nsk = b\n');
afterAll(() => {
  rmSync(home, { recursive: true });
});

type Env = Readonly<Record<string, string>>;
const load = (env: Env): WorkerConfig => loadWorkerConfig({ ...GOOD, ...env });
const credentialsOf = (env: Env) => load(env).projects[0]?.credentials;
const problemsOf = (env: Env): readonly string[] => {
  try {
    load(env);
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
  return [];
};

const KEYS = { HUAWEICLOUD_SDK_AK: 'canary-a', HUAWEICLOUD_SDK_SK: 'canary-b' };
const FILES = { HUAWEICLOUD_SDK_AK_FILE: '/run/ak', HUAWEICLOUD_SDK_SK_FILE: '/run/sk' };
const USER = { DCS_IAM_USER_NAME: 'me', DCS_IAM_DOMAIN_NAME: 'us' };
const WORD = { DCS_IAM_PASSWORD: 'canary-c' };
const POD = {
  HC_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/secrets/pod-identity/token',
};
const OIDC = { HUAWEICLOUD_SDK_IDP_ID: 'k8s', HUAWEICLOUD_SDK_ID_TOKEN_FILE: '/run/id-token' };
const AGENCY = { DCS_AGENCY_NAME: 'switcher', DCS_AGENCY_DOMAIN_NAME: 'them' };

const TOKEN_SETTINGS = {
  source: 'iam-token',
  iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
  userName: 'me',
  domainName: 'us',
  passwordFile: null,
  projectId: PROJECT_ID,
};

describe('the credential is', () => {
  it.each<[string, Env, unknown]>([
    ['in the variables of the key', KEYS, { source: 'environment' }],
    ['in those variables where nothing is set', {}, { source: 'environment' }],
    [
      'in files',
      FILES,
      {
        source: 'files',
        accessKeyFile: '/run/ak',
        secretKeyFile: '/run/sk',
        securityTokenFile: null,
      },
    ],
    [
      'in files with the token of a temporary key',
      { ...FILES, HUAWEICLOUD_SDK_SECURITY_TOKEN_FILE: '/run/token' },
      {
        source: 'files',
        accessKeyFile: '/run/ak',
        secretKeyFile: '/run/sk',
        securityTokenFile: '/run/token',
      },
    ],
    ['a token of an IAM user', { ...USER, ...WORD }, TOKEN_SETTINGS],
    [
      'a token by a password in a file, from another IAM',
      {
        ...USER,
        DCS_IAM_PASSWORD_FILE: '/run/word',
        HUAWEICLOUD_SDK_IAM_ENDPOINT: 'https://iam.example',
      },
      { ...TOKEN_SETTINGS, passwordFile: '/run/word', iamEndpoint: 'https://iam.example' },
    ],
    [
      'in a profile file',
      { HUAWEICLOUD_SDK_CREDENTIALS_FILE: '/etc/profile' },
      { source: 'profile', file: '/etc/profile', section: 'basic' },
    ],
    [
      "in the vendor's profile file where it exists",
      { HOME: home },
      { source: 'profile', file: profile, section: 'basic' },
    ],
    ['not there where it does not', { HOME: '/nowhere' }, { source: 'environment' }],
    ['in variables although that file exists', { HOME: home, ...KEYS }, { source: 'environment' }],
    [
      'shown by the instance, asked for by name',
      { DCS_CREDENTIALS: 'metadata' },
      { source: 'metadata', endpoint: 'http://169.254.169.254' },
    ],
    [
      'the identity that the cluster gives the pod',
      POD,
      {
        source: 'pod-identity',
        credentialsUri: POD.HC_CONTAINER_CREDENTIALS_FULL_URI,
        tokenFile: POD.HC_CONTAINER_AUTHORIZATION_TOKEN_FILE,
      },
    ],
    [
      'exchanged for an ID token',
      OIDC,
      {
        source: 'oidc',
        iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
        idpId: 'k8s',
        tokenFile: '/run/id-token',
      },
    ],
    [
      'the one that is named where two are set',
      { ...KEYS, ...USER, ...WORD, DCS_CREDENTIALS: 'iam-token' },
      TOKEN_SETTINGS,
    ],
    [
      'that of an agency, assumed with another',
      { ...KEYS, ...AGENCY, DCS_AGENCY_DURATION_SECONDS: '900' },
      {
        source: 'agency',
        base: { source: 'environment' },
        agencyName: 'switcher',
        domainName: 'them',
        iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
        durationSeconds: 900,
      },
    ],
  ])('%s', (_, env, expected) => {
    expect(credentialsOf(env)).toStrictEqual(expected);
  });

  it('never part of the settings', () => {
    const config = load({ ...USER, ...WORD, ...KEYS, DCS_CREDENTIALS: 'environment' });
    expect(JSON.stringify(config)).not.toContain('canary');
  });
});

describe('a start-up error names', () => {
  it.each<[string, Env, RegExp[]]>([
    [
      'both of two sources, and how to choose',
      { ...KEYS, ...FILES },
      [/^HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_AK_FILE are both set.*DCS_CREDENTIALS=files$/],
    ],
    [
      'a token variable beside files',
      { ...FILES, HUAWEICLOUD_SDK_SECURITY_TOKEN: 'x' },
      [/^HUAWEICLOUD_SDK_SECURITY_TOKEN and HUAWEICLOUD_SDK_AK_FILE are both set/],
    ],
    [
      'a key beside an explicit profile',
      { ...KEYS, HUAWEICLOUD_SDK_CREDENTIALS_FILE: '/etc/profile' },
      [/^HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_CREDENTIALS_FILE are both set/],
    ],
    [
      'both passwords',
      { ...USER, ...WORD, DCS_IAM_PASSWORD_FILE: '/run/word' },
      [/^DCS_IAM_PASSWORD and DCS_IAM_PASSWORD_FILE are both set: unset one$/],
    ],
    [
      'everything that a user lacks',
      { DCS_IAM_USER_NAME: 'me' },
      [/^DCS_IAM_DOMAIN_NAME is missing$/, /^DCS_IAM_PASSWORD_FILE is missing/],
    ],
    [
      'the other file of a pair',
      { HUAWEICLOUD_SDK_AK_FILE: '/run/ak' },
      [/^HUAWEICLOUD_SDK_SK_FILE is missing$/],
    ],
    [
      'a secret in place of its file, and not the secret',
      { ...FILES, HUAWEICLOUD_SDK_SK_FILE: 'canary' },
      [/^HUAWEICLOUD_SDK_SK_FILE names no file that is here/],
    ],
    [
      'a password in place of its file, and not the password',
      { ...USER, DCS_IAM_PASSWORD_FILE: 'canary' },
      [/^DCS_IAM_PASSWORD_FILE names no file that is here/],
    ],
    [
      'the metadata of another host',
      { DCS_CREDENTIALS: 'metadata', DCS_METADATA_ENDPOINT: 'https://md.example' },
      [/^DCS_METADATA_ENDPOINT must be http:/],
    ],
    [
      'an unknown source',
      { DCS_CREDENTIALS: 'vault' },
      [/^DCS_CREDENTIALS is none of environment/],
    ],
    [
      'the pod identity that the cluster has not given',
      { DCS_CREDENTIALS: 'pod-identity' },
      [
        /^HC_CONTAINER_CREDENTIALS_FULL_URI is missing: CCE sets it/,
        /^HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is missing: CCE sets it/,
      ],
    ],
    [
      'a pod identity beside a key, and how to choose',
      { ...POD, ...KEYS },
      [/^HUAWEICLOUD_SDK_AK and HC_CONTAINER_.* are both set.*DCS_CREDENTIALS=pod-identity$/],
    ],
    [
      'an agent of pod identities beyond this node',
      { ...POD, HC_CONTAINER_CREDENTIALS_FULL_URI: 'http://agent.example/v1' },
      [/^HC_CONTAINER_CREDENTIALS_FULL_URI must be https \(http only on 169/],
    ],
    [
      'the provider of an ID token',
      { HUAWEICLOUD_SDK_ID_TOKEN_FILE: '/run/id-token' },
      [/^HUAWEICLOUD_SDK_IDP_ID is missing$/],
    ],
    [
      'an ID token in place of its file, and not the token',
      { ...OIDC, HUAWEICLOUD_SDK_ID_TOKEN_FILE: 'canary' },
      [/^HUAWEICLOUD_SDK_ID_TOKEN_FILE names no file that is here/],
    ],
    [
      'a provider that is no name',
      { ...OIDC, HUAWEICLOUD_SDK_IDP_ID: 'a b' },
      [/^HUAWEICLOUD_SDK_IDP_ID does not have the shape/],
    ],
    ['half an agency', { ...KEYS, DCS_AGENCY_NAME: 'x' }, [/^DCS_AGENCY_DOMAIN_NAME is missing$/]],
    [
      'a life that IAM does not grant',
      { ...KEYS, ...AGENCY, DCS_AGENCY_DURATION_SECONDS: '60' },
      [/^DCS_AGENCY_DURATION_SECONDS is less than 900$/],
    ],
    [
      'plain text to IAM',
      { ...USER, ...WORD, HUAWEICLOUD_SDK_IAM_ENDPOINT: 'http://iam.example' },
      [/^HUAWEICLOUD_SDK_IAM_ENDPOINT must be https/],
    ],
    [
      'a region whose IAM no one knows',
      { ...USER, ...WORD, DCS_REGION: 'xx-nowhere-1', DCS_ENDPOINT: 'https://dcs.example' },
      [/^DCS_REGION xx-nowhere-1 is not a known region.*HUAWEICLOUD_SDK_IAM_ENDPOINT/],
    ],
    [
      'plain text to an invented metadata address',
      { DCS_CREDENTIALS: 'metadata', DCS_METADATA_ENDPOINT: 'http://10.0.0.1' },
      [/^DCS_METADATA_ENDPOINT must be http:\/\/169\.254\.169\.254 /],
    ],
    [
      'a source together with a wrong region',
      { ...KEYS, ...FILES, DCS_REGION: 'EU' },
      [/^DCS_REGION is not a region$/, /are both set/],
    ],
  ])('%s', (_, env, expected) => {
    const problems = problemsOf(env);
    expect(problems).toStrictEqual(
      expected.map((words) => expect.stringMatching(words) as unknown),
    );
    expect(problems.join()).not.toContain('canary');
  });
});

describe('a note for the log', () => {
  it('reports that the profile file is there and not used', () => {
    expect(load({ HOME: home, ...KEYS }).notes).toStrictEqual([
      `${profile} is not used, because HUAWEICLOUD_SDK_AK is set`,
    ]);
  });

  it.each<[string, Env]>([
    ['without such a file', { HOME: '/nowhere', ...KEYS }],
    ['where it is used', { HOME: home }],
    ['where the source was named', { HOME: home, ...KEYS, DCS_CREDENTIALS: 'environment' }],
  ])('is not made %s', (_, env) => {
    expect(load(env).notes).toStrictEqual([]);
  });
});
