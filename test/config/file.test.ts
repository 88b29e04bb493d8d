/** The file of several projects: validated as a whole, and never in conflict with variables. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { ConfigurationError, loadWorkerConfig } from '../../src/config/index.js';
import type { ProjectConfig } from '../../src/config/index.js';

const A = '0ebd32bc6a0123456789abcdef012345';
const B = '77b6a44cba5143ab91d13ab9a8ff44fd';
const INSTANCE_ID = '5560df16-cebf-4473-95c4-d1b573c16e79';

const folder = mkdtempSync(path.join(tmpdir(), 'dcs-switchover-config-'));
const file = path.join(folder, 'projects.yaml');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Env = Readonly<Record<string, string>>;
const load = (content: string, env: Env = {}): readonly ProjectConfig[] => {
  writeFileSync(file, content);
  return loadWorkerConfig({ DCS_SWITCHOVER_CONFIG: file, ...env }).projects;
};
const problemsOf = (content: string, env: Env = {}): readonly string[] => {
  try {
    load(content, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems.map((problem) =>
      problem.replaceAll(`${file}: project`, 'project').replaceAll(file, 'FILE'),
    );
  }
  return [];
};

/** One project in flow style, which is JSON as well as YAML. */
const one = (fields: object = {}): string =>
  JSON.stringify({ projects: [{ projectId: A, region: 'eu-west-101', ...fields }] });

describe('a file of projects', () => {
  it('fills in every default', () => {
    expect(load(one())).toStrictEqual([
      {
        projectId: A,
        region: 'eu-west-101',
        endpoint: 'https://dcs.eu-west-101.myhuaweicloud.com',
        stsEndpoint: 'https://sts.eu-west-101.myhuaweicloud.eu',
        credentials: { source: 'environment' },
        taskUserName: null,
        nodeIdentity: 'node-id',
        jobTimes: null,
        maxReadsPerSecond: null,
        policy: { allow: null, deny: [], coolDownFloorSeconds: 0 },
        dataPlane: [],
      },
    ]);
  });

  it('may be YAML, with anchors and comments', () => {
    const projects = load(`
# two projects
projects:
  - projectId: &id "${A}"
    region: eu-west-101
    taskUserName: switcher
    nodeIdentity: replication-id
    maxReadsPerSecond: 2.5
    endpoint: https://dcs.example
    coolDownFloorSeconds: 900
    allow: &rules
      - name: orders-*
      - tag: { key: switchover }
      - tag: { key: env, value: test }
    deny:
      - instanceId: ${INSTANCE_ID}
  - projectId: ${B}
    region: ap-southeast-1
    taskUserName:
    allow: *rules
`);
    expect(projects.map(({ projectId }) => projectId)).toStrictEqual([A, B]);
    expect(projects[0]).toMatchObject({
      endpoint: 'https://dcs.example',
      taskUserName: 'switcher',
      nodeIdentity: 'replication-id',
      maxReadsPerSecond: 2.5,
      policy: {
        allow: [
          { name: 'orders-*' },
          { tag: { key: 'switchover', value: null } },
          { tag: { key: 'env', value: 'test' } },
        ],
        deny: [{ instanceId: INSTANCE_ID }],
        coolDownFloorSeconds: 900,
      },
    });
    expect(projects[1]?.taskUserName).toBeNull();
  });

  it.each<[string, object, unknown]>([
    ['environment', { source: 'environment' }, { source: 'environment' }],
    [
      'files beside it',
      { source: 'files', accessKeyFile: 'keys/ak', secretKeyFile: '/run/sk' },
      {
        source: 'files',
        accessKeyFile: path.join(folder, 'keys/ak'),
        secretKeyFile: '/run/sk',
        securityTokenFile: null,
      },
    ],
    [
      'a profile at home',
      { source: 'profile', file: '~/credentials' },
      { source: 'profile', file: '~/credentials', section: 'basic' },
    ],
    [
      'an IAM user',
      { source: 'iam-token', userName: 'me', domainName: 'us', passwordFile: 'keys/word' },
      {
        source: 'iam-token',
        userName: 'me',
        domainName: 'us',
        iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
        passwordFile: path.join(folder, 'keys/word'),
        projectId: A,
      },
    ],
    [
      'an ID token',
      { source: 'oidc', idpId: 'k8s', tokenFile: 'keys/jwt' },
      {
        source: 'oidc',
        iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
        idpId: 'k8s',
        tokenFile: path.join(folder, 'keys/jwt'),
      },
    ],
    [
      'an agency on top of the instance',
      { source: 'agency', base: { source: 'metadata' }, agencyName: 'x', domainName: 'y' },
      {
        source: 'agency',
        base: { source: 'metadata', endpoint: 'http://169.254.169.254' },
        agencyName: 'x',
        domainName: 'y',
        iamEndpoint: 'https://iam.eu-west-101.myhuaweicloud.eu',
        durationSeconds: 3600,
      },
    ],
  ])('names as credential: %s', (_, credentials, expected) => {
    expect(load(one({ credentials }))[0]?.credentials).toStrictEqual(expected);
  });

  it('leaves the credential to the variables where it names none', () => {
    const env = { HUAWEICLOUD_SDK_AK_FILE: '/run/ak', HUAWEICLOUD_SDK_SK_FILE: '/run/sk' };
    expect(load(one(), env)[0]?.credentials.source).toBe('files');
  });

  it('takes a pod identity from what the cluster sets, and says what it has not set', () => {
    const [credentialsUri, tokenFile] = ['http://169.254.170.23/v1/credentials', '/run/jwt'];
    const content = one({ credentials: { source: 'pod-identity' } });
    const env = {
      HC_CONTAINER_CREDENTIALS_FULL_URI: credentialsUri,
      HC_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    };
    const expected = { source: 'pod-identity', credentialsUri, tokenFile };
    expect(load(content, env)[0]?.credentials).toStrictEqual(expected);
    const base = { source: 'pod-identity' };
    const agency = { source: 'agency', base, agencyName: 'x', domainName: 'y' };
    for (const credentials of [base, agency])
      expect(problemsOf(one({ credentials }))).toEqual([
        expect.stringMatching(/^HC_CONTAINER_CREDENTIALS_FULL_URI is missing/),
        expect.stringMatching(/^HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is missing/),
      ]);
  });

  it('says how Redis behind the instances is reached, with defaults', () => {
    const match = { instanceId: INSTANCE_ID };
    const given = {
      ...{ match: { tag: { key: 'env' } }, usernameFile: 'redis/user', login: 'acl' },
      ...{ passwordFile: '/run/word', tls: { caFile: 'ca.crt' } },
      ...{ allowedNetworks: ['10.1.0.0/16', 'fd00::/8'], measure: { periodMs: 20, write: false } },
    };
    writeFileSync(path.join(folder, 'ca.crt'), '');
    expect(
      load(one({ dataPlane: [{ match, address: '[::1]:6380' }, given] }))[0]?.dataPlane,
    ).toEqual([
      {
        ...{ match, usernameFile: null, passwordFile: null, login: 'password-argument' },
        ...{ tls: null, address: { host: '::1', port: 6380 }, allowedNetworks: null },
        measure: { periodMs: 50, write: true },
      },
      {
        ...given,
        match: { tag: { key: 'env', value: null } },
        usernameFile: path.join(folder, 'redis/user'),
        tls: { caFile: path.join(folder, 'ca.crt'), serverName: null },
        address: null,
      },
    ]);
  });

  it('may stand beside the default project of the command', () => {
    expect(load(one(), { HUAWEICLOUD_SDK_PROJECT_ID: A })).toHaveLength(1);
  });
});

describe('a field is refused by its path:', () => {
  it.each<[string, string, string[]]>([
    [
      'unknown',
      one({ regoin: 'x' }),
      ['projects[0].regoin is not a field here: check its spelling'],
    ],
    [
      'unknown at the top',
      '{"project": []}',
      ['projects is missing', 'project is not a field here: check its spelling'],
    ],
    [
      'unknown deep down',
      one({ deny: [{ tag: { key: 'a', values: 'b' } }] }),
      ['projects[0].deny[0].tag.values is not a field here: check its spelling'],
    ],
    [
      'missing',
      '{"projects": [{}]}',
      ['projects[0].projectId is missing', 'projects[0].region is missing'],
    ],
    ['no project at all', '{"projects": []}', ['projects names no project']],
    [
      'a number by mistake',
      `projects: [{projectId: ${'1'.repeat(32)}, region: eu-west-101}]`,
      ['projects[0].projectId is read as a number: put it in quotes'],
    ],
    ['a malformed id', one({ projectId: 'X' }), ['projects[0].projectId is not a project id']],
    [
      'plain text to the cloud',
      one({ endpoint: 'http://dcs.example' }),
      ['projects[0].endpoint must be https (http only on loopback)'],
    ],
    [
      'a region without endpoint',
      one({ region: 'xx-nowhere-1' }),
      [
        'projects[0].region xx-nowhere-1 is not a known region. Correct it, or set projects[0].endpoint as well',
      ],
    ],
    [
      'an unknown source',
      one({ credentials: { source: 'vault' } }),
      [
        'projects[0].credentials.source is none of environment, files, profile, iam-token, metadata, pod-identity, oidc, agency',
      ],
    ],
    [
      'an agency of an agency',
      one({
        credentials: {
          source: 'agency',
          agencyName: 'a',
          domainName: 'b',
          base: { source: 'agency' },
        },
      }),
      [
        'projects[0].credentials.base.source is none of environment, files, profile, iam-token, metadata, pod-identity, oidc',
      ],
    ],
    [
      'a rule of nothing',
      one({ deny: [{}] }),
      ['projects[0].deny[0] must have exactly one of instanceId, name, tag'],
    ],
    [
      'a rule of two',
      one({ deny: [{ name: 'a', instanceId: INSTANCE_ID }] }),
      ['projects[0].deny[0] must have exactly one of instanceId, name, tag'],
    ],
    [
      'a list whose entries got lost',
      one({ allow: null }),
      ['projects[0].allow is empty: fill it, or leave it out'],
    ],
    [
      'a tag whose value got lost',
      one({ allow: [{ tag: { key: 'env', value: null } }] }),
      ['projects[0].allow[0].tag.value is empty: fill it, or leave it out'],
    ],
    [
      'a secret in place of its file',
      one({ credentials: { source: 'files', accessKeyFile: '/run/ak', secretKeyFile: 'canary' } }),
      [
        'projects[0].credentials.secretKeyFile names no file that is here: it must hold a path, and never the secret itself',
      ],
    ],
    [
      'the metadata of another host',
      one({ credentials: { source: 'metadata', endpoint: 'https://md.example' } }),
      ['projects[0].credentials.endpoint must be http://169.254.169.254 (or http on loopback)'],
    ],
    [
      'a floor beyond any request',
      one({ coolDownFloorSeconds: 86_401 }),
      ['projects[0].coolDownFloorSeconds is more than 86400'],
    ],
    [
      'a part of a second',
      one({ coolDownFloorSeconds: 1.5 }),
      ['projects[0].coolDownFloorSeconds is not of type whole number'],
    ],
    [
      'a text for a number',
      one({ maxReadsPerSecond: '5' }),
      ['projects[0].maxReadsPerSecond is not of type number'],
    ],
    [
      'a user without password',
      one({ credentials: { source: 'iam-token', userName: 'a', domainName: 'b' } }),
      ['projects[0].credentials.passwordFile is missing (or set DCS_IAM_PASSWORD)'],
    ],
    [
      'what of Redis is wrong, all at once',
      one({
        dataPlane: [
          {
            ...{ match: {}, login: 'AUTH', address: 'redis', allowedNetworks: ['10.0.0.0/33'] },
            ...{ tls: {}, measure: { periodMs: 10, write: 'no' } },
          },
        ],
      }),
      [
        'projects[0].dataPlane[0].match must have exactly one of instanceId, name, tag',
        'projects[0].dataPlane[0].login must be acl or password-argument',
        'projects[0].dataPlane[0].tls.caFile is missing',
        'projects[0].dataPlane[0].address is not host:port, or [IPv6 address]:port in quotes',
        'projects[0].dataPlane[0].allowedNetworks[0] is no network like 10.0.0.0/8',
        'projects[0].dataPlane[0].measure.periodMs is less than 20',
        'projects[0].dataPlane[0].measure.write is not of type boolean',
      ],
    ],
    [
      'a Redis user without password, and one address for many instances',
      one({ dataPlane: [{ match: { name: '*' }, usernameFile: '/run/u', address: 'redis:6379' }] }),
      [
        'projects[0].dataPlane[0].passwordFile is missing beside usernameFile',
        'projects[0].dataPlane[0].address leads to one instance: match has to name it by instanceId',
      ],
    ],
    [
      'a password of Redis in place of its file',
      one({ dataPlane: [{ match: { name: '*' }, passwordFile: 'canary' }] }),
      [
        'projects[0].dataPlane[0].passwordFile names no file that is here: it must hold a path, and never the secret itself',
      ],
    ],
    [
      'networks that got lost',
      one({ dataPlane: [{ match: { name: '*' }, allowedNetworks: null }] }),
      ['projects[0].dataPlane[0].allowedNetworks is empty: fill it, or leave it out'],
    ],
    ['a list that is none', '[]', ['FILE is not of type mapping with fields']],
    ['an empty file', '', ['FILE is empty']],
  ])('%s', (_, content, expected) => {
    expect(problemsOf(content)).toStrictEqual(expected);
  });

  it('the same project twice', () => {
    const project = { projectId: A, region: 'eu-west-101' };
    expect(problemsOf(JSON.stringify({ projects: [project, project] }))).toStrictEqual([
      'projects[1].projectId is that of projects[0] as well: describe each project once',
    ]);
  });

  it.each(['accessKey', 'secretKey', 'secret_access_key', 'ak', 'password', 'securityToken'])(
    'a secret in %s, with the remedy and without the secret',
    (name) => {
      const problems = problemsOf(one({ credentials: { source: 'files', [name]: 'canary' } }));
      expect(problems[0]).toMatch(
        new RegExp(`^projects\\[0\\]\\.credentials\\.${name} would be a secret.*(?:name|set) `),
      );
      expect(problems.filter((problem) => problem.includes(`.${name} `))).toHaveLength(1);
      expect(problems.join()).not.toContain('canary');
    },
  );
});

describe('a file is refused', () => {
  it.each<[string, string, RegExp]>([
    [
      'with a syntax error, by line and without its text',
      'projects: [canary',
      /^FILE is neither JSON nor YAML: \w+ at line 1, column \d+$/,
    ],
    ['with a key twice', '{"projects": [], "projects": []}', /DUPLICATE_KEY/],
    ['with two documents', 'projects: []\n---\nprojects: []', /MULTIPLE_DOCS/],
    [
      'with a tag of a programming language',
      'projects: !!js/function canary',
      /TAG_RESOLVE_FAILED/,
    ],
    [
      'that blows itself up',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${'*a,'.repeat(20)}]\nc: &c [${'*b,'.repeat(20)}]\nd: [${'*c,'.repeat(20)}]`,
      /too many aliases/,
    ],
    ['that has no end', 'projects: &a\n  - *a', /one within its own anchor/],
    [
      'with a brace too many, and without what it holds',
      'projects: [{credentials: {{source: files, sk: canary}}}]',
      /^FILE is neither JSON nor YAML: \w+ at line 1, column \d+$/,
    ],
    [
      'of more than a megabyte',
      `#${'x'.repeat(1_048_576)}`,
      /has 1048577 bytes, more than 1048576/,
    ],
  ])('%s', (_, content, expected) => {
    const problems = problemsOf(content);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
    expect(problems.join()).not.toContain('canary');
  });

  it('that is not there, or no file', () => {
    const missing = (where: string) => () => loadWorkerConfig({ DCS_SWITCHOVER_CONFIG: where });
    expect(missing('/nowhere/x.yaml')).toThrow(
      'DCS_SWITCHOVER_CONFIG /nowhere/x.yaml cannot be read (ENOENT)',
    );
    expect(missing(folder)).toThrow(`${folder} is not a file`);
  });
});

describe('what stands in two places is an error that names both:', () => {
  it.each([
    ['DCS_REGION', 'eu-west-101', 'projects[].region'],
    ['DCS_ENDPOINT', 'https://dcs.example', 'projects[].endpoint'],
    ['DCS_STS_ENDPOINT', 'https://sts.example', 'projects[].stsEndpoint'],
    ['DCS_TASK_USER_NAME', 'me', 'projects[].taskUserName'],
    ['DCS_NODE_IDENTITY', 'node-id', 'projects[].nodeIdentity'],
    ['DCS_CREDENTIALS', 'environment', 'projects[].credentials.source'],
    ['DCS_AGENCY_NAME', 'x', 'projects[].credentials.agencyName'],
    ['HUAWEICLOUD_SDK_PROJECT_ID', B, 'projects[].projectId'],
  ])('%s', (variable, value, field) => {
    const problems = problemsOf(one(), { [variable]: value });
    expect(problems[0]).toMatch(new RegExp(`^${variable} .*FILE`));
    expect(problems[0]).toContain(field);
  });

  it('the origin of IAM', () => {
    const credentials = {
      ...{ source: 'iam-token', userName: 'me', domainName: 'us', passwordFile: 'keys/word' },
      iamEndpoint: 'https://iam.example',
    };
    const env = { HUAWEICLOUD_SDK_IAM_ENDPOINT: 'https://iam2.example' };
    expect(problemsOf(one({ credentials }), env)).toStrictEqual([
      'HUAWEICLOUD_SDK_IAM_ENDPOINT and projects[0].credentials.iamEndpoint are both set: leave one of the two out',
    ]);
  });
});
